#!/bin/sh
# How far collect, each and whole are, on a terminal and nowhere else.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

mkdir -m 1777 "$tmp/spool" || bail 'no directory for the spool'
daemon_start --spool "$tmp/spool" || bail 'the daemon does not start'

# In a terminal of so many columns; see test/lib/at-terminal, which is let go at
# once where there is a file "go".
at_terminal()
{
	python3 -B "$top/test/lib/at-terminal" "$@"
}

# reverse_at COLUMNS OUTPUT ERE COMMAND...: the client there.
reverse_at()
{
	columns=$1
	output=$2
	expression=$3
	shift 3
	rm -f "$tmp/seen"
	# shellcheck disable=SC2086	# both are lists of words
	at_terminal "$columns" "$output" "$tmp" "$expression" \
	    ${TEST_WRAPPER-} "$build/reverse" $at "$@"
}

# shown: the lines that the terminal had, one after the other.
shown()
{
	tr '\r' '\n' <"$tmp/shown"
}

# ends_clean NAME: nothing is left of the last line.
ends_clean()
{
	is "$(shown | tail -n 1 | tr -d ' ')" '' "$1"
}

: >"$tmp/go"
seq 100000 >"$tmp/text"
rev "$tmp/text" >"$tmp/wanted"

# Output to a socket waits until the lines have been seen.
reverse_at 80 socket '/s, .*/s, .*/s, ' each "$tmp/text" </dev/null
same "$tmp/came" "$tmp/wanted" 'each turns all lines round'
number='[0-9]+(\.[0-9])? k?M?B'
like "$(shown)" "^sent $number of 588.8 kB, received $number, $number/s, \
[0-9]+:[0-9][0-9] left *\$" 'while a terminal shows how far it is'
ends_clean 'and then shows that no more'
reverse_at 40 socket '(sent.*){3}' each "$tmp/text" </dev/null
same "$tmp/came" "$tmp/wanted" 'so it is on a narrow one'
is "$(shown | awk 'length > 39')" '' 'where each line fits'

seq 1000000 >"$tmp/much"
reverse_at 80 socket '(received.*){2}' whole "$tmp/much" </dev/null
like "$(shown)" '^sent 6.8 MB of 6.8 MB, received ' \
    'whole has sent all of it'

# Input that is awaited, of which nobody knows how long it is.
echo abc | reverse_at 80 "$tmp/out" '(sent.*){2}' whole
is "$(cat "$tmp/out")" "$(printf '\ncba')" 'whole from a pipe'
like "$(shown)" '^sent 0 B, 0 B/s *$' 'shows no time left'
echo abc | reverse_at 80 "$tmp/out" '(sent.*){2}' collect
like "$(shown)" '^sent 4 B, ' 'collect has sent what the server has taken'
echo abc | reverse_at 80 "$tmp/out" '(received.*){2}' each
like "$(shown)" '^sent 4 B, received 4 B, ' 'each has received answers'

# Where the output would come in between, that is the end of it.
for output in terminal pipe; do
	echo abc | reverse_at 80 "$output" '(sent.*){2}' whole
	[ "$output" = pipe ] || tr -d '\r' <"$tmp/shown" >"$tmp/came"
	like "$(cat "$tmp/came")" '^cba$' "the output of whole to a $output"
	unlike "$(shown | sed '1,/^ *$/d')" sent 'and nothing after it'
done

# On a busy machine it may not be over at once each time.
wanted="reverse: cannot read $tmp/none: No such file or directory"
for _ in 1 2 3 4 5 6 7 8 9 10; do
	echo abc | reverse_at 80 "$tmp/out" 'reverse: cannot read' \
	    each "$tmp/none"
	[ "$(tr -d '\r' <"$tmp/shown")" != "$wanted" ] || break
done
is "$(tr -d '\r' <"$tmp/shown")" "$wanted" \
    'nothing is shown of what is over at once'

# beside WORDS: one that waits for as long, with these words after its command,
# beside one that is shown.
mkfifo "$tmp/fifo"
export build tmp
cat >"$tmp/client" <<END
exec ${TEST_WRAPPER-} "\$build/reverse" $at "\$@"
END
cat >"$tmp/beside" <<'END'
eval "sh \"\$tmp/client\" each \"\$tmp/fifo\" $1 >\"\$tmp/out\"" &
exec 3>"$tmp/fifo"
echo abc >&3
sh "$tmp/client" whole
exec 3>&-
wait
END
beside()
{
	rm -f "$tmp/seen"
	at_terminal 80 "$tmp/whole" "$tmp" '(sent 0 B.*){3}' \
	    sh "$tmp/beside" "$1" </dev/null
	is "$(cat "$tmp/out")" cba "each $1"
	unlike "$(shown)" received 'shows nothing'
}
: >"$tmp/errors"
# shellcheck disable=SC2016	# expanded by the shell there
beside '2>"$tmp/errors"'
is "$(cat "$tmp/errors")" '' 'nor does a file have it'
beside --no-progress
beside -q

# The server dies, and another one goes on with the stream.
rm "$tmp/go" "$tmp/seen"
rev "$tmp/much" >"$tmp/wanted"
reverse_at 80 socket '(sent.*){2}' each "$tmp/much" </dev/null &
client=$!
wait_until 20 test -e "$tmp/seen" || bail 'nothing is shown'
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2>"$tmp/killed"
daemon_start --spool "$tmp/spool" || bail 'the daemon does not start again'
: >"$tmp/go"
status=0
wait "$client" || status=$?
is "$status" 0 'a stream that was lost goes on'
same "$tmp/came" "$tmp/wanted" 'to its end'
ends_clean 'and so does what is shown'
unlike "$(shown)" ' of [^6]' 'of as many bytes'

done_testing
