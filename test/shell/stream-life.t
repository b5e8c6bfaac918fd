#!/bin/sh
# How streams of the client live and end: users who think, interrupt or go,
# deadlines, servers that are killed, restarted or drained.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

mkfifo "$tmp/in" "$tmp/out"
patience=${TEST_PATIENCE:-1}
deadline=$((2 * patience)).000
grace=$patience

# begin COMMAND...: the client in the background, as a shell in a terminal
# would start it; its standard input is $tmp/in, which stays open as 3.
begin()
{
	# In the background it may still be what the last one said.
	: >"$tmp/said"
	: >"$tmp/errors"
	# shellcheck disable=SC2086	# both are lists of words
	env --default-signal=INT ${TEST_WRAPPER-} "$build/reverse" $at "$@" \
	    <"$tmp/in" >"$tmp/said" 2>"$tmp/errors" &
	client=$!
	exec 3>"$tmp/in"
}

# begin_from INPUT COMMAND...: the same reading the file INPUT, its output in
# the pipe $tmp/out, which nobody reads yet.
begin_from()
{
	begin_input=$1
	shift
	: >"$tmp/errors"
	# shellcheck disable=SC2086	# both are lists of words
	env --default-signal=INT ${TEST_WRAPPER-} "$build/reverse" $at "$@" \
	    <"$begin_input" >"$tmp/out" 2>"$tmp/errors" &
	client=$!
	exec 4<"$tmp/out"
}

# ended: its exit code is left in status, its messages in stderr.
ended()
{
	status=0
	wait "$client" || status=$?
	stderr=$(cat "$tmp/errors")
}

# has_said LINE: it is the client's last line of output.
# shellcheck disable=SC2317	# called by wait_until
has_said()
{
	[ "$(tail -n 1 "$tmp/said")" = "$1" ]
}

# types LINE: to a client that may have gone.
types()
{
	(echo "$1" >&3) 2>"$tmp/killed"
}

# answers LINE ANSWER: the client reads the one and says the other.
answers()
{
	types "$1"
	wait_until 20 has_said "$2"
}

# streams COUNT: so many are open at the server.
# shellcheck disable=SC2317	# called by wait_until
streams()
{
	reverse --json status | grep -q "\"streams\":$1,"
}

# received BYTES: so many have come to the server.
# shellcheck disable=SC2317	# called by wait_until
received()
{
	[ "$(reverse --json status |
	    sed 's/.*"bytes_in":\([0-9]*\),.*/\1/')" -ge "$1" ]
}

none_is_left()
{
	succeeds "$1" wait_until 20 streams 0
}

# start [SECONDS]: a server that drains so long; what it inherits would never
# end for the client.
start()
{
	daemon_start --drain-time "${1-$grace}" 3>&- 4<&- ||
	    bail 'the daemon does not start'
}

# dies: the server ends at once.
dies()
{
	kill -KILL "$daemon_pid"
	wait "$daemon_pid" 2>"$tmp/killed"
	daemon_pid=
}

# A user at work.
start
begin each
succeeds 'each answers before the input ends' answers abc cba
succeeds 'by a stream' wait_until 20 streams 1
succeeds 'line by line' answers def fed
kill -INT "$client"
ended
is "$status $stderr" '130 ' 'Ctrl-C between two lines is exit code 130'
none_is_left 'and cancels the stream'
exec 3>&-
begin spell --pace 100 ab
wait_until 20 has_said b
kill -INT "$client"
ended
is "$status $stderr" '130 ' 'so is Ctrl-C while the server waits'
none_is_left 'which cancels, too'
exec 3>&-
begin collect
echo one >&3
wait_until 20 streams 1
kill -INT "$client"
ended
is "$status $(cat "$tmp/said")$stderr" '130 ' 'and in the middle of input'
none_is_left 'which leaves nothing either'
exec 3>&-

# Readers that go, and disks that are full.
# shellcheck disable=SC2086	# both are lists of words
yes | ${TEST_WRAPPER-} "$build/reverse" $at 2>"$tmp/errors" |
    head -n 2 >"$tmp/said"
is "$(cat "$tmp/said" "$tmp/errors")" "$(printf 'y\ny')" \
    'a reader may go before the end'
none_is_left 'and the stream goes with it'
daemon_stop
start "$((60 * patience))"
yes | reverse each | head -n 1 >"$tmp/said"
is "$(cat "$tmp/said")" y 'or after one line'
none_is_left 'with its stream'
began=$(monotonic)
daemon_stop
took=$(($(monotonic) - began))
is "$status" 0 'of which the server owes nobody the end'
succeeds "when it drains: $took" test "$took" -lt "$((2000 * patience))"
start
head -c 5000000 /dev/zero >"$tmp/zeros"
reverse whole "$tmp/zeros" 2>"$tmp/errors" | head -c 10 >"$tmp/said"
is "$(wc -c <"$tmp/said") $(cat "$tmp/errors")" '10 ' 'in whole as well'
none_is_left 'with its stream'
for command in each whole collect; do
	status=0
	echo abc | reverse "$command" >/dev/full 2>"$tmp/errors" || status=$?
	like "$status $(cat "$tmp/errors")" \
	    '^1 reverse: cannot write standard output: No space left' \
	    "$command: a full disk is exit code 1"
	status=0
	reverse "$command" <&- 2>"$tmp/errors" || status=$?
	like "$status $(cat "$tmp/errors")" \
	    '^1 reverse: cannot read standard input: ' \
	    "$command: so is a closed standard input"
done
none_is_left 'none of these leaves a stream'

# Deadlines.
begin -t "$deadline" each
answers abc cba
ended
is "$status $stderr" \
    "4 reverse: not done within the deadline of $deadline s" \
    'a deadline ends each while its input is silent'
none_is_left 'and its stream'
exec 3>&-
run reverse -t "$deadline" spell --pace 60 ab
is "$status $stdout" '4 b' 'and spell while it waits'
none_is_left 'with its stream'

# Servers that die.
begin each
answers abc cba
dies
start
succeeds 'each goes on with another server' answers def fed
daemon_stop
is "$status" 0 'a server with a stream drains'
start
succeeds 'each goes on after that, too' answers ghi ihg
exec 3>&-
ended
is "$status $stderr" '0 ' 'without a word'
is "$(cat "$tmp/said")" "$(printf 'cba\nfed\nihg')" 'nothing twice'

seq 300000 >"$tmp/text"
rev "$tmp/text" >"$tmp/wanted"
begin_from "$tmp/text" each
head -c 1000 <&4 >"$tmp/said"
dies
start
cat <&4 >>"$tmp/said"
ended
same "$tmp/said" "$tmp/wanted" 'each of a file, the server killed in between'
is "$status $stderr" '0 ' 'is done'

seq 1000000 >"$tmp/text"
tr '\n' ' ' <"$tmp/text" | rev | tr ' ' '\n' >"$tmp/wanted"
begin_from "$tmp/text" whole
head -c 100000 <&4 >"$tmp/said"
dies
start
cat <&4 >>"$tmp/said"
ended
same "$tmp/said" "$tmp/wanted" 'whole of a file sends it again'
is "$status $stderr" '0 ' 'and is done'
exec 4<&-
daemon_stop
if is_daemon; then
	start "$((60 * patience))"
	begin_from "$tmp/text" whole
	head -c 100000 <&4 >"$tmp/said"
	kill -TERM "$daemon_pid"
	cat <&4 >>"$tmp/said"
	ended
	daemon_wait
	same "$tmp/said" "$tmp/wanted" \
	    'whole is finished by a server that drains'
	is "$status" 0 'which then ends'
	exec 4<&-
else
	skip 2 'needs the daemon: it drains'
fi
start

# What comes by a pipe is kept, to be sent again.
begin whole
head -c 3000000 "$tmp/text" >&3
# The client may keep what makes no whole piece.
wait_until 20 received 2900000
dies
start
tail -c +3000001 "$tmp/text" | head -c 100000 >&3
succeeds 'what came by a pipe is sent again before there is more' \
    wait_until 20 received 3000000
tail -c +3100001 "$tmp/text" >&3
exec 3>&-
ended
same "$tmp/said" "$tmp/wanted" 'whole of a pipe, the server killed in between'
is "$status $stderr" '0 ' 'is done'
mkfifo "$tmp/pipe"

# piped OPTION...: the server is killed while whole of a pipe answers.
piped()
{
	cat "$tmp/text" >"$tmp/pipe" &
	begin_from "$tmp/pipe" whole "$@"
	head -c 100000 <&4 >"$tmp/said"
	dies
	start
	cat <&4 >>"$tmp/said"
	ended
	exec 4<&-
}

piped
same "$tmp/said" "$tmp/wanted" 'whole of a pipe sends it again'
is "$status $stderr" '0 ' 'and is done'
piped --no-keep
like "$status $stderr" '^1 .*UNAVAILABLE: .*cannot be read again$' \
    'whole --no-keep of a pipe cannot be sent again'

# answered PROCEDURE: the client, which traces its calls, has had an answer.
# shellcheck disable=SC2317	# called by wait_until
answered()
{
	grep -q "^trace: REVERSE_$1 .* reply " "$tmp/errors"
}

# lines_lost OPTION...: the server is killed when it has told collect that it
# has a line.
lines_lost()
{
	begin --trace collect "$@"
	wait_until 20 answered OPEN
	echo one >&3
	wait_until 20 answered EXCHANGE
	dies
	start
	# Nobody may read it any more, which ends who writes it.
	sh -c 'echo two' >&3 2>/dev/null
	exec 3>&-
	ended
	stderr=$(grep -Ev '^(trace: | )' "$tmp/errors")
}

lines_lost
is "$status $(tail -n 1 "$tmp/said")$stderr" '0 eno' \
    'collect sends its lines again'
lines_lost --no-keep
like "$status $stderr" '^1 .*UNAVAILABLE: .*cannot be read again$' \
    'collect --no-keep cannot'
# valgrind has files of its own there.
wrapper=${TEST_WRAPPER-}
TEST_WRAPPER=
TMPDIR=$tmp/none
export TMPDIR
piped -v
unset TMPDIR
TEST_WRAPPER=$wrapper
like "$stderr" 'standard input is not kept, .*: No such file' \
    'that there is no place to keep it is said'
like "$status $stderr" 'UNAVAILABLE: .*cannot be read again$' \
    'and then it cannot be sent again either'
is "$status" 1 'which is exit code 1'

begin -t "$deadline" each
answers abc cba
dies
types def
ended
is "$status" 4 'a server that stays away is waited for until the deadline'
exec 3>&-
if [ -n "${TEST_FULL-}" ]; then
	start
	begin each
	answers abc cba
	dies
	began=$(monotonic)
	echo def >&3
	ended
	took=$(($(monotonic) - began))
	is "$status" 3 'or for half a minute, and that is exit code 3'
	succeeds "it was: $took" test "$took" -gt 2500 -a \
	    "$took" -lt "$((3000 + 1500 * patience))"
	exec 3>&-
fi
run reverse each
is "$status" 3 'without a server each is exit code 3'
like "$stderr" 'cannot reach a reverse server' 'and says so'

done_testing
