#!/bin/sh
# reverse bench: that it counts each call once, by what came of it, and ends.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck disable=SC2030,SC2031	# the second server has another port
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

daemon_start || bail 'the daemon does not start'

# answered: by its trace, how many texts the client had answers to.
answered()
{
	grep -c '^trace: REVERSE_TEXT ' "$tmp/stderr"
}

# shellcheck disable=SC2317	# called by wait_until
is_answered()
{
	[ "$(answered)" -ge 20 ]
}

# member NAME: a number of the JSON in $stdout; 0 if it has none.
member()
{
	tap_number=$(printf '%s\n' "$stdout" |
	    sed -n 's/.*"'"$1"'":\([0-9]*\)[,}].*/\1/p')
	echo "${tap_number:-0}"
}

# slower NS: of that JSON, how many answers are in the rows beyond.
slower()
{
	printf '%s\n' "$stdout" | sed 's/.*"up_to_ns":{\([^}]*\)}.*/\1/' |
	    tr ',' '\n' | tr -d '"' |
	    awk -F : -v "ns=$1" '$1 + 0 > ns { n += $2 } END { print n + 0 }'
}

# begin COMMAND...: the client in the background, as a user starts it, until it
# has had some answers; ended waits for it, as run does.
begin()
{
	: >"$tmp/stderr"
	# A shell starts what runs in the background with SIGINT ignored.
	# shellcheck disable=SC2046,SC2086	# both are lists of words
	env --default-signal=INT ${TEST_WRAPPER-} "$build/reverse" --trace \
	    $(options_for "$@") "$@" >"$tmp/stdout" 2>"$tmp/stderr" &
	client=$!
	wait_until 20 is_answered || bail "no answers to $*"
}

ended()
{
	status=0
	wait "$client" || status=$?
	stdout=$(cat "$tmp/stdout")
	stderr=$(cat "$tmp/stderr")
}

# killed: the daemon is, and its port is free.
killed()
{
	kill -KILL "$daemon_pid"
	wait "$daemon_pid" 2>/dev/null
	daemon_pid=
}

# A report.
run reverse bench --count 200
is "$status $stderr" '0 ' 'calls that are answered'
like "$stdout" '^send at .*:[0-9]+$' 'are to a server that is named'
like "$stdout" '^connections  1, with 1 in flight on each$' \
    'over one connection'
like "$stdout" '^calls        200 in [0-9]+\.[0-9]{3} s$' 'are counted'
like "$stdout" '^answered     200, [0-9]+\.[0-9] a second$' 'with their rate'
like "$stdout" '^failed       0$' 'none has failed'
percentiles=$(printf '%s\n' "$stdout" |
    sed -nE 's/^  (p50|p90|p99|p99\.9|max) +([0-9]+\.[0-9]{3})$/\2/p')
is "$(printf '%s\n' "$percentiles" | wc -l)" 5 'they have percentiles'
is "$(printf '%s\n' "$percentiles" | sort -n)" "$percentiles" 'in order'
is "$(printf '%s\n' "$stdout" |
    awk '/^up to/ { rows = 1; next } rows { n += $2 } END { print n }')" 200 \
    'each call is in one row'
is "$(printf '%s\n' "$stdout" | awk 'length > 80')" '' 'within 80 columns'
is "$(printf '%s\n' "$stdout" | awk '
    /^up to/ { rows = 1; next }
    rows && ($2 > 0) != (NF > 2)')" '' 'whose bar shows if it has any'

run reverse --json bench --count 120 -c 3 -f 4
p='[0-9]+'
like "$stdout" "^\\{\"command\":\"send\",\"server\":\".*\",\"connections\":3,\
\"in_flight\":4,\"rate\":0,\"nanoseconds\":[1-9]$p,\"calls\":120,\
\"answered\":120,\"unmade\":0,\"failed\":\\{\\},\"latency_ns\":\\{\"p50\":$p,\
\"p90\":$p,\"p99\":$p,\"p999\":$p,\"max\":$p\\},\"up_to_ns\":\\{.*\\}\\}\$" JSON
is "$(printf '%s\n' "$stdout" | wc -l) $(slower 0)" '1 120' 'is one object'

# What is called, and how.
run reverse --json --trace bench --count 50 --warm-up 0.1
answered=$(answered)
is "$status $(member calls)" '0 50' 'warming up does not count'
succeeds "but is done: $answered answers" test "$answered" -gt 50
run reverse --json bench --duration 0.1
is "$status $(member unmade)" '0 0' 'for some time'
succeeds 'calls are made' test "$(member calls)" -gt 0
for target in ping greet status describe whoami; do
	run "$build/reverse" -p "$port" bench "$target" --count 3
	like "$status $stdout" "^0 $target at " "bench $target"
done
netids='tcp udp'
[ ! -e /proc/net/if_inet6 ] || netids="$netids tcp6 udp6"
for netid in $netids; do
	run reverse -n "$netid" --json bench --count 30 -c 2 -f 3
	is "$status $(member answered)" '0 30' "by $netid"
done
if is_daemon; then
	run "$build/reverse" -S "$RUNTIME_DIRECTORY/$port.sock" --json bench \
	    --count 30 -c 2 -f 3
	is "$status $(member answered)" '0 30' 'by a Unix socket'
else
	skip 1 'needs the daemon: a Unix socket'
fi
for size in 0 100000; do
	run reverse --json bench --count 3 --size "$size"
	is "$status $(member answered)" '0 3' "of $size bytes"
done
run reverse -n udp bench --count 3 --size 9000
like "$status $stderr" \
    '^2 reverse: the server takes no more than [0-9]+ bytes over UDP$' \
    'what does not fit a datagram is wrong usage'
run "$build/reverse" -p "$port" -n udp bench describe --count 5
like "$status $stdout" '^1 describe at ' 'what is refused'
like "$stdout" '^failed       5 OUT_OF_RANGE$' 'counts by its status'
like "$stdout" '^answered     0, 0\.0 a second$' 'and not as an answer'
unlike "$stdout" '^latency' 'nor with a latency'

# Messages of a file.
printf 'one\r\n\ntwo\nthr\303\251e' >"$tmp/messages"
run reverse --trace bench --count 5 --messages "$tmp/messages"
is "$status" 0 'messages of a file'
is "$(printf '%s\n' "$stderr" |
    sed -nE 's/.* text: ([0-9]+) bytes$/\1/p' | tail -n 10 | tr '\n' ' ')" \
    '3 3 0 0 3 3 6 6 3 3 ' 'go and come in turn, without their ends'
run reverse --json bench --count 4 --messages - <"$tmp/messages"
is "$status $(member answered)" '0 4' 'or of standard input'
head -c 17000000 /dev/zero | tr '\0' '\n' >"$tmp/messages"
run reverse bench --messages "$tmp/messages"
like "$status $stderr" \
    '^2 .* is longer than messages may be in all: 16777216 bytes$' \
    'a file that is too long'
printf 'good\nb\377d\n' >"$tmp/messages"
run reverse bench --count 4 --messages "$tmp/messages"
is "$status $stderr" '2 reverse: message 2 is not UTF-8 from byte 1 on' \
    'what is no text is not sent'
run reverse -u byte --json bench --count 4 --messages "$tmp/messages"
is "$status $(member answered)" '0 4' 'but as bytes'
run reverse bench --messages /dev/null
is "$status $stderr" '2 reverse: there is no message in /dev/null' \
    'an empty file has none'
run reverse bench --messages "$tmp/none"
like "$status $stderr" '^1 reverse: cannot read .*/none: No such' \
    'a file that is not there'
head -c 1048577 /dev/zero | tr '\0' x >"$tmp/messages"
run reverse bench --messages "$tmp/messages"
like "$status $stderr" '^2 reverse: message 1 is longer .* 1048576 bytes$' \
    'a message that is too long'

# Without gnuplot, with one, and with one that fails.
mkdir "$tmp/none" "$tmp/bin"
run env PATH="$tmp/none" "$build/reverse" -p "$port" bench ping \
    --plot "$tmp/svg"
is "$status $stdout" '1 ' 'without gnuplot nothing is measured for a plot'
like "$stderr" 'package gnuplot-nox$' 'and its package is named'
cat >"$tmp/bin/gnuplot" <<'END'
#!/bin/sh
case $* in
'-d --version') ;;
-d) cat ;;
*) exit 1 ;;
esac
END
chmod 755 "$tmp/bin/gnuplot"
run env PATH="$tmp/bin:$PATH" "$build/reverse" -p "$port" bench ping \
    --count 1 --plot "$tmp/none/svg"
is "$status" 0 'with one there is a plot'
like "$(cat "$tmp/none/svg")" '^set terminal svg ' 'which is an SVG'
is "$(grep -cE '^1 1 [0-9]+\.[0-9]{6}$' "$tmp/none/svg")" 2 \
    'from the fastest call to the slowest'
run env PATH="$tmp/bin:$PATH" "$build/reverse" -p "$port" bench ping \
    --plot "$tmp/none/none/svg"
like "$status $stdout$stderr" \
    '^1 reverse: cannot write .*/none/svg: No such' \
    'a file that cannot be written is named at once'
sed -i 's/cat ;;/exit 1 ;;/' "$tmp/bin/gnuplot"
run env PATH="$tmp/bin:$PATH" "$build/reverse" -p "$port" bench ping \
    --count 20 --plot "$tmp/none/svg"
is "$status $stderr" '1 reverse: gnuplot fails' 'one that fails is told'
like "$stdout" '^answered     20,' 'and what was measured is printed'

# A rate: the last of 100 calls begins 0.198 s after the first.
run reverse --json bench --count 100 --rate 500 -f 2
is "$status $(member answered) $(member rate)" '0 100 500' 'at a rate'
succeeds 'no call is before its time' \
    test "$(member nanoseconds)" -ge 198000000
run reverse bench --count 10 --rate 1000
like "$stdout" '^planned      1000 a second; latency from the planned start$' \
    'which is told'

# A server that stops for half a second is asked for all calls of that time: at
# 1000 a second, those of the first 0.3 s of it are 0.2 s late at least.
begin --json bench --count 1500 --rate 1000
kill -STOP "$daemon_pid"
sleep 0.5
kill -CONT "$daemon_pid"
ended
late=$(slower 200000000)
p90=$(member p90)
is "$status $(member answered)" '0 1500' 'a server that stopped answers all'
succeeds "many calls of the pause are late: $late" test "$late" -ge 250
succeeds "so the 90th percentile is $p90 ns" test "$p90" -ge 200000000

# Failures, of which each is counted, and none keeps the client for ever.
begin -t 1 --json bench --count 120 --rate 100 -f 120
kill -STOP "$daemon_pid"
ended
kill -CONT "$daemon_pid"
is "$status $(member calls)" '1 120' 'a server that hangs'
like "$stdout" '"failed":\{"DEADLINE_EXCEEDED":[0-9]+\}' \
    'lets deadlines pass'
is $(($(member answered) + $(member DEADLINE_EXCEEDED))) 120 'for each call'

# One call is on its way, and the others are never made.
begin -t 0.5 --json bench --duration 1.5 --rate 100
kill -STOP "$daemon_pid"
ended
kill -CONT "$daemon_pid"
is "$status" 1 'where the time is over'
is $(($(member calls) + $(member unmade))) 150 'no planned call is forgotten'
succeeds 'those that were not made are told' test "$(member unmade)" -gt 0

begin bench --duration 1000 --rate 100
kill -INT "$client"
ended
is "$status" 130 'interrupted'
like "$stdout" '^answered     [1-9][0-9]*, [1-9]' \
    'it tells what was measured so far'
like "$stdout" '^failed       0$' 'and calls that it left have not failed'

if is_daemon; then
	: >"$tmp/odd"
	python3 -B "$top/test/lib/odd-server" wrong "$port" >"$tmp/odd" &
	odd=$!
	at_exit "kill $odd"
	wait_until 20 test -s "$tmp/odd" || bail 'no server that is wrong'
	run "$build/reverse" -s "127.0.0.1:$(cat "$tmp/odd")" bench --count 7
	is "$status" 1 'each answer is looked at'
	like "$stdout" '^failed       7 DATA_LOSS$' 'and a wrong one is told'
else
	skip 2 'needs the daemon: a server before it'
fi

# Two servers, the first of which hangs, and later is killed: what it owed
# fails, once.
second=$(sh "$top/scripts/free-port")
(
	port=$second
	reversed --no-rpcbind -p "$port"
) >"$tmp/second.log" 2>&1 &
second_pid=$!
at_exit "kill $second_pid"
wait_until 20 "$build/reverse" -p "$second" ping || bail 'no second server'
only=$at
at="-s 127.0.0.1:$port,127.0.0.1:$second $(asked_for)"
begin --json bench --count 400 --rate 200 -c 2
kill -STOP "$daemon_pid"
ended
kill -CONT "$daemon_pid"
is "$status $(member calls)" '1 400' 'one that hangs is left for another one'
is $(($(member answered) + $(member UNAVAILABLE))) 400 'and counts as gone'
begin --json bench --count 3000 --rate 2000 -c 3
killed
ended
is "$status $(member calls)" '1 3000' 'after one server another one is called'
like "$stdout" '"server":"127\.0\.0\.1:'"$second"'"' 'which is named'
lost=$((3000 - $(member answered)))
succeeds "few calls failed: $lost" test "$lost" -le 6

at=$only
run reverse bench
is "$status $stdout" '3 ' 'where nobody serves nothing is measured'
like "$stderr" '^reverse: cannot reach a reverse server' 'which is explained'
daemon_start || bail 'the daemon does not start again'
begin --retry 0.2 bench --duration 1000 --rate 100 -f 4
killed
ended
is "$status" 3 'a server that dies for good ends it'
like "$stderr" '^reverse: cannot reach a reverse server' 'which is told'
like "$stdout" '^answered     [1-9]' 'after what was measured'
like "$stdout" '^failed       [1-9][0-9]* UNAVAILABLE$' 'and what failed'

done_testing
