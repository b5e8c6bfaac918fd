#!/bin/sh
# Streams whose lease is short, and whose connection is lost again and again.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

daemon_start || bail 'the daemon does not start'
mkfifo "$tmp/in" "$tmp/out"

# between LEASE CUT: an interference of this kind; the client talks to it by
# the options $by, and its log is $tmp/log.
between()
{
	rm -f "$tmp/log"
	"$top/test/lib/interfere" "$port" "$1" "$2" >"$tmp/log" &
	between_pid=$!
	at_exit "kill $between_pid"
	wait_until 20 test -s "$tmp/log" || bail 'nothing listens between'
	by="-s 127.0.0.1 -p $(head -n 1 "$tmp/log") $(asked_for)"
}

# has_said LINE: it is the client's last line of output.
# shellcheck disable=SC2317	# called by wait_until
has_said()
{
	[ "$(tail -n 1 "$tmp/said")" = "$1" ]
}

# has_made COUNT CALL: so many such calls, a number of messages and a window.
# shellcheck disable=SC2317	# called by wait_until
has_made()
{
	[ "$(grep -c "^$2\$" "$tmp/log")" -ge "$1" ]
}

between 200 0
# shellcheck disable=SC2086	# both are lists of words
${TEST_WRAPPER-} "$build/reverse" $by each <"$tmp/in" >"$tmp/said" &
client=$!
exec 3>"$tmp/in"
succeeds 'the lease is renewed while the input is silent' \
    wait_until 20 has_made 4 '0 1048580'
echo abc >&3
succeeds 'and what comes then is answered' wait_until 20 has_said cba
exec 3>&-
status=0
wait "$client" || status=$?
is "$status" 0 'to the end'

seq 1000000 >"$tmp/text"
# shellcheck disable=SC2002,SC2086	# it is the pipe that is wanted
cat "$tmp/text" | ${TEST_WRAPPER-} "$build/reverse" $by -u line whole \
    >"$tmp/out" &
client=$!
exec 4<"$tmp/out"
succeeds 'the lease is renewed while nobody reads the output' \
    wait_until 20 has_made 4 '0 0'
cat <&4 >"$tmp/said"
exec 4<&-
tac "$tmp/text" >"$tmp/wanted"
same "$tmp/said" "$tmp/wanted" 'which is complete then'

# The first connection is made by a user, who is told when it fails.
between 0 5
# shellcheck disable=SC2002,SC2086	# it is the pipe that is wanted
cat "$tmp/text" | ${TEST_WRAPPER-} "$build/reverse" $by -u line whole \
    >"$tmp/said"
same "$tmp/said" "$tmp/wanted" 'whole of a pipe over lost connections'
seq 30000 >"$tmp/text"
rev "$tmp/text" >"$tmp/wanted"
between 0 5
# shellcheck disable=SC2086	# both are lists of words
run "$build/reverse" $by each "$tmp/text"
same "$tmp/stdout" "$tmp/wanted" 'each over lost connections'
is "$status $stderr" '0 ' 'without a word'
between 0 5
# shellcheck disable=SC2086	# both are lists of words
run "$build/reverse" $by collect "$tmp/text"
tr '\n' ' ' <"$tmp/text" | rev | tr ' ' '\n' >"$tmp/wanted"
same "$tmp/stdout" "$tmp/wanted" 'collect over lost connections'

done_testing
