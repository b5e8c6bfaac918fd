#!/bin/sh
# The command line as its user meets it: results, messages, exit codes.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

daemon_start || bail 'the daemon does not start'

# in_shell COMMAND: the client with redirections and pipes, as a user types it.
in_shell()
{
	run sh -c "reverse()
	{
		${TEST_WRAPPER-} \"$build/reverse\" $(options_for "$1") \"\$@\"
	}
	$1"
}

# interrupted COMMAND...: does to the client what Ctrl-C does.  It reads the
# file $input.
interrupted()
{
	# A shell starts what runs in the background with SIGINT ignored.
	# shellcheck disable=SC2046,SC2086	# both are lists of words
	env --default-signal=INT ${TEST_WRAPPER-} "$build/reverse" \
	    $(options_for "$@") "$@" <"$input" >"$tmp/interrupted" 2>&1 &
	client=$!
	wait_until 20 watches "$client"
	kill -INT "$client"
	status=0
	wait "$client" || status=$?
}

# The client watches for SIGINT once it blocks it, with the signal's bit 2.
# shellcheck disable=SC2317	# called by wait_until
watches()
{
	grep -Eq '^SigBlk:.*[2367abef]$' "/proc/$1/status"
}

run reverse greet
is "$status" 0 'greet'
like "$stdout" 'message' 'asks for a message'
like "$stdout" "^server: $server at " 'names the server'
is "$stderr" '' 'and says nothing else'

run reverse send Hello, world
is "$status $stdout" '0 dlrow ,olleH' 'send joins its arguments by a space'
printf 'dlrow ,olleH\n' >"$tmp/wanted"
same "$tmp/stdout" "$tmp/wanted" 'and ends the line'
run reverse send -u line "$(printf 'a\nb\n.')"
printf '.b\na\n' >"$tmp/wanted"
same "$tmp/stdout" "$tmp/wanted" 'unless the text ends it'
run reverse send ''
printf '\n' >"$tmp/wanted"
same "$tmp/stdout" "$tmp/wanted" 'an empty text is an empty line'
run reverse send -- -x --json -
is "$stdout" '- nosj-- x-' 'after -- everything is text'
if is_daemon; then
	run reverse send 'ẹ́👩‍👩‍👧x'
	is "$stdout" 'x👩‍👩‍👧ẹ́' 'characters stay whole'
	run reverse -u word send one two three
	is "$stdout" 'three two one' 'words, with the option before the command'
	run reverse send one two -u word three
	is "$stdout" 'three two one' 'and between the arguments'
else
	skip 3 'needs the daemon: graphemes and words'
fi

printf 'one\0two\r\nthree' >"$tmp/text"
printf 'eerht\n\rowt\0eno' >"$tmp/wanted"
run reverse send -u byte <"$tmp/text"
same "$tmp/stdout" "$tmp/wanted" 'standard input comes back byte for byte'
run reverse send -u byte - <"$tmp/text"
same "$tmp/stdout" "$tmp/wanted" 'and with -'
in_shell '(printf one; sleep 0.1; printf two) | reverse send'
is "$stdout" 'owteno' 'also when it comes in pieces'
head -c 1048576 /dev/zero | tr '\0' x >"$tmp/text"
run reverse send <"$tmp/text"
same "$tmp/stdout" "$tmp/text" 'the longest message'
echo >>"$tmp/text"
run reverse send <"$tmp/text"
is "$status $stdout" '2 ' 'a longer one is a usage error'
like "$stderr" 'standard input .* 1048576 bytes' 'which names the limit'
run reverse send -u byte </dev/zero
is "$status" 2 'so is input without an end'

part=$(printf '%0100000d' 0)
run reverse send "$part" "$part" "$part" "$part" "$part" "$part" "$part" \
    "$part" "$part" "$part" "$part"
is "$status $stdout" '2 ' 'so is too long a text of arguments'
like "$stderr" 'the text .* 1048576 bytes' 'which names the limit, too'

run reverse send "$(printf 'ab\377')"
is "$status $stdout" '1 ' 'what is not UTF-8 is refused'
like "$stderr" '^reverse: the server refused: INVALID_ARGUMENT: .*byte 2' \
    'with status and place'

run reverse --json send 'a"b'
is "$stdout" "{\"text\":\"b\\\"a\",\"unit\":\"$unit\"}" 'JSON'
run reverse --json send -u byte é
is "$stdout" '{"text_base64":"qcM=","unit":"byte"}' 'bytes in base64'
run reverse greet --json
name=${server%% *}
like "$stdout" \
    '^\{"text":".*","server":"'"$name"'",.*"boot":"[0-9a-f]{32}",' \
    'the greeting in JSON'
like "$stdout" '"wait_max_ms":[0-9]+,"lease_ms":60000}$' 'to its end'
run reverse status --json
like "$stdout" '^\{"state":"serving","uptime_ms":[0-9]+,"calls":[0-9]+,' \
    'the status in JSON'
like "$stdout" '"calls":[0-9]{2,},"failures":1,"bytes_in":' \
    'has the call that was refused'
run reverse describe --json
like "$stdout" '^\{"schema":".*"}$' 'the interface in JSON'
run reverse whoami --json
like "$stdout" "^\{\"flavor\":1,\"uid\":$(id -u)," 'the caller in JSON'

run reverse ping
is "$status" 0 'ping'
like "$stdout" '^answer 1 from .*:[0-9]+ in [0-9]+\.[0-9]{3} ms$' 'is timed'
is "$(printf '%s\n' "$stdout" | wc -l)" 1 'and one has no tally'
run reverse ping -c 3 -i 0.01
is "$(printf '%s\n' "$stdout" | grep -c '^answer [123] ')" 3 'three pings'
like "$stdout" '^3 of 3 answered; least .*, mean .*, most .* ms$' 'their tally'
is "$(printf '%s\n' "$stdout" | sed -n 's/.* in \(.*\) ms/\1/p' | sort -n |
    sed -n '1p; $p')" \
    "$(printf '%s\n' "$stdout" |
	sed -n 's/.*least \(.*\), mean .*, most \(.*\) ms/\1\n\2/p')" \
    'has the shortest and the longest time'
began=$(monotonic)
run reverse ping -c 2 -i 0.3
succeeds 'time is between two' test $(($(monotonic) - began)) -ge 30
run reverse ping -c 2 -i 0 --json
is "$(printf '%s\n' "$stdout" | grep -c '^{"number":[12],')" 2 'and in JSON'
is "$(printf '%s\n' "$stdout" | wc -l)" 2 'without a tally'

run reverse status
like "$stdout" '^state: serving$' 'status'
up=$(printf '%s\n' "$stdout" | sed -n 's/^uptime: \([0-9]*\)\..*/\1/p')
run reverse status --json
ms=$(printf '%s\n' "$stdout" | sed 's/.*"uptime_ms":\([0-9]*\),.*/\1/')
succeeds "its time is in seconds: $up" test "$up" -le $((ms / 1000))
run reverse whoami
like "$stdout" '^flavor: AUTH_SYS$' 'whoami: the credential'
like "$stdout" "^uid: $(id -u)\$" 'has the uid'
like "$stdout" '^address: .*\.[0-9]+\.[0-9]+$' 'and the address'
run reverse describe
same "$tmp/stdout" "$top/reverse.x" 'describe prints the interface'

run reverse --trace -q send x
like "$stderr" '^trace: REVERSE_TEXT .* xid=0x[0-9a-f]{8} call [0-9]+ bytes,' \
    '--trace shows the call'
is "$stdout" x 'on standard error'
run reverse -v ping
like "$stderr" '^reverse: connected to ' '-v says what is done'

# Where output and input go wrong.
in_shell 'reverse greet >/dev/full'
is "$status" 1 'a full disk is exit code 1'
like "$stderr" 'cannot write standard output: No space left' 'and is named'
in_shell 'reverse --help >/dev/full'
is "$status" 1 'for the help as well'
in_shell "ulimit -f 8; reverse describe >'$tmp/short'"
is "$status" 1 'for a file that may not become longer'
like "$stderr" 'cannot write standard output: File too large' 'which is named'
in_shell 'reverse greet >&-'
is "$status" 1 'so is a closed standard output'
in_shell 'reverse send <&-'
is "$status" 1 'a closed standard input is exit code 1'
like "$stderr" 'cannot read standard input' 'and is named'
closed='<&- 2>&-'
# What wraps the client may not do without standard error.
[ -z "${TEST_WRAPPER-}" ] || closed='<&-'
in_shell "reverse send x $closed"
is "$status $stdout" '0 x' 'where it is not needed it is not missed'
in_shell 'reverse describe | head -n 1'
is "$status $stdout $stderr" '0 /* ' 'a reader may go early'
in_shell 'reverse ping -c 0 -i 0.01 | head -n 2 | wc -l'
is "$status $stdout $stderr" '0 2 ' 'also from what has no end'

# A reader that waits until its pipe is full.
slow_reader()
{
	# shellcheck disable=SC2086	# both are lists of words
	run python3 -B "$top/test/lib/slow-reader" "$1" ${TEST_WRAPPER-} \
	    "$build/reverse" $at send <"$tmp/longest"
}
head -c 1048576 /dev/zero | tr '\0' x >"$tmp/longest"
slow_reader read
all='1048576 bytes, exit code 0 '
is "$stdout $stderr" "$all" 'a slow reader misses nothing'
slow_reader full
is "$stdout $stderr" "$all" 'nor where writes do not wait'
slow_reader interrupt
like "$stdout" 'exit code -2$' 'Ctrl-C ends the wait for it'

# Usage.
run reverse frobnicate
is "$status" 2 'a command that does not exist is a usage error'
like "$stderr" 'frobnicate$' 'which is named'
run reverse "$tmp/text"
like "$status $stderr" "^2 .* but a file; did you mean \"each $tmp/text\"\?" \
    'a file is no command, and is one for each'
run reverse "$tmp"
unlike "$status $stderr" 'each' 'a folder is not'
run reverse greet operand
like "$stderr" 'greet takes no arguments' 'an argument too many'
run reverse gree
is "$status" 2 'so is half a command'
run reverse spell a b
is "$status" 2 'spell takes one text'
run reverse send --no-such x
is "$status" 2 'so is an unknown option'
like "$stderr" '^reverse: --no-such: no such option' 'which is named'
run reverse send -5
like "$stderr" 'starts with - goes after --' 'with the way to send it as text'
run reverse -n token-ring ping
like "$stderr" 'not one of tcp, tcp6, udp, udp6, local' \
    'what is allowed is said'
run reverse help frobnicate
is "$status" 2 'help for no command'
run reverse --help
like "$stdout" '^usage: reverse \[options\] \[COMMAND\]' 'help for all of it'
run reverse help ping
like "$stdout" '--interval SECONDS' 'help for the options of a command'
run "$build/reverse" -S /x -p 1 ping
is "$status" 2 'options that exclude each other'
run reverse --version
is "$status $stdout" "0 reverse $(cat "$top/VERSION")" '--version'

# What others chose, be it a name or an address, moves no terminal.
wild=$(printf 'wild\nreverse: all is well\033[2J\302\233')
tame='wild\\x0areverse: all is well\\x1b\[2J\\xc2\\x9b'
moves=$(printf '[\001-\011\013-\037\302]')
# is_tame ERE NAME: standard error shows it, and nothing that moves.
is_tame()
{
	like "$stderr" "$1" "$2 is shown without its control characters"
	unlike "$stderr" "^reverse: all is well|$moves" 'which are nowhere'
}
run reverse "$wild"
is_tame "no command $tame" 'an unknown command'
run reverse help "$wild"
is_tame "no command $tame" 'a command without help'
run reverse each "$tmp/$wild"
is_tame "cannot read .*/$tame: No such file" 'a file that is not there'
mkdir "$tmp/$wild"
run reverse whole "$tmp/$wild"
is_tame "cannot read .*/$tame: Is a dir" 'a file that cannot be read'
printf 'ab\377' >"$tmp/$wild/file"
run reverse each "$tmp/$wild/file"
is_tame "^reverse: .*/$tame/file, line 1, byte 2: the" 'the place of a failure'
run reverse whole "$tmp/$wild/file"
is_tame "^reverse: .*/$tame/file, byte 2: the" 'a place in a whole file'
wild=$(printf 'wild\033[2J')
run "$build/reverse" -s "$wild$(printf '%070d' 0)" ping
is_tame 'server at wild\\x1b\[2J0+$' 'a host, with a label too long for one,'
is_tame 'tried the name wild\\x1b\[2J0+: ' 'what was tried'
run "$build/reverse" -S "/$wild" ping
is_tame 'tried /wild\\x1b\[2J: No such' 'a Unix socket that is not there'
run "$build/reverse" -S "$(printf '%0200d' 0)$wild" ping
is_tame 'tried .*wild\\x1b\[2J: too long' 'a path too long for one'
run "$build/reverse" -n "$wild" ping
is_tame '^reverse: --netid: "wild\\x1b' 'the value of an option'

# Deadlines and interruptions: the kernel takes the call, nobody answers.
kill -STOP "$daemon_pid"
# Longer than the search waits for whom it asks.
deadline=$((3 * ${TEST_PATIENCE:-1})).000
run reverse -t "$deadline" send x
is "$status" 4 'a server that does not answer by the deadline is exit code 4'
run "$build/reverse" -s "127.0.0.1:$port" -t "$deadline" send x
is "$status" 4 'a deadline that passes is exit code 4'
like "$stderr" "no answer within the deadline of $deadline s" 'and is named'
input=/dev/null
interrupted send x
is "$status" 130 'Ctrl-C during a call is exit code 130'
kill -CONT "$daemon_pid"

# Who types Ctrl-C means all that runs.  A shell asks how the client died.
if command -v bash >"$tmp/which"; then
	: >"$tmp/loop"
	# shellcheck disable=SC2016,SC2086	# bash expands; a list of words
	env --default-signal=INT setsid bash -c '
		for i in 1 2 3; do
			echo "$i"
			"$@" spell --pace 100 ab
		done' bash ${TEST_WRAPPER-} "$build/reverse" $at >"$tmp/loop" &
	loop=$!
	wait_until 20 grep -q b "$tmp/loop"
	kill -INT "-$loop"
	status=0
	wait "$loop" || status=$?
	is "$status $(cat "$tmp/loop")" "130 $(printf '1\nb')" \
	    'Ctrl-C ends the loop of a shell, too'
	run reverse --json status
	like "$stdout" '"streams":0,' 'once the stream is cancelled'
else
	skip 2 'no bash'
fi
# The first process of a namespace dies by no signal of its own.
if [ -n "${TEST_WRAPPER-}" ]; then
	skip 1 'the first process would be another'
elif unshare -pf true 2>"$tmp/unshare"; then
	# shellcheck disable=SC2086	# a list of words
	env --default-signal=TERM unshare -pf "$build/reverse" $at spell \
	    --pace 100 ab >"$tmp/first" &
	unshare=$!
	wait_until 20 grep -q b "$tmp/first"
	kill -TERM "$(cat "/proc/$unshare/task/$unshare/children")"
	status=0
	wait "$unshare" || status=$?
	is "$status" 143 'where no signal kills, the exit code is that of one'
else
	skip 1 'no namespace of processes'
fi
interrupted ping -c 0
is "$status" 130 'between two pings too'
mkfifo "$tmp/fifo"
sleep 100 >"$tmp/fifo" &
writer=$!
input=$tmp/fifo
interrupted send
kill "$writer"
is "$status" 130 'and while standard input is silent'
mkfifo "$tmp/alone"
input=/dev/null
interrupted each "$tmp/alone"
is "$status" 130 'or a FIFO has no writer'
run reverse -t "$deadline" each "$tmp/alone"
is "$status" 4 'where the deadline passes, too'
(sleep 0.1; echo late >"$tmp/alone") &
run reverse each "$tmp/alone"
is "$status $stdout" '0 etal' 'until a writer comes'

# Finding the server.
run "$build/reverse" -p "$port" -s 127.0.0.1 ping
like "$stdout" "from 127\\.0\\.0\\.1:$port in" 'a port and an address'
if [ -e /proc/net/if_inet6 ]; then
	run "$build/reverse" -p "$port" -s '[::1]' ping
	like "$stdout" "from \\[::1\\]:$port in" 'IPv6 in brackets'
	run reverse -n tcp6 ping
	like "$stdout" "from \\[::1\\]:$port in" 'or by its netid'
else
	skip 2 'no IPv6'
fi
run reverse -n tcp ping
like "$stdout" "from 127\\.0\\.0\\.1:$port in" 'or IPv4'
daemon_stop

run reverse ping
is "$status" 3 'no server is exit code 3'
like "$stderr" '^reverse: cannot reach a reverse server at localhost$' \
    'which is said'
like "$stderr" "^  tried 127\\.0\\.0\\.1:$port: Connection refused\$" \
    'with what was tried'
like "$stderr" 'start one with: reversed' 'and what to do'
run "$build/reverse" -s 127.0.0.1:1,nowhere.invalid ping
like "$stderr" 'start one with' 'if it may be on this host'
run "$build/reverse" -s nowhere.invalid ping
is "$status" 3 'nor is one at another host'
unlike "$stderr" 'start one with' 'where starting one here would not help'
run "$build/reverse" ''
is "$status $stdout" '2 ' 'an empty command is a usage error'
like "$stderr" 'the command is empty; .* type: reverse send ""$' \
    'which says what to type'
run reverse -q ping
is "$status $stdout$stderr" '3 ' '-q leaves it to the exit code'
run reverse -s "$(printf '%0300d' 0)" ping
is "$status" 3 'a name that cannot be'

done_testing
