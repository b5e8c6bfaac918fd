#!/bin/sh
# goaway: the server goes away, in order, between two calls of large_unary, and
# another one has come.  Both succeed.  The command line changes over without
# its user; a handle says that its connection is lost, at once, and the next
# handle calls the other server.  libtirpc's handles never connect again.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"

mkfifo "$tmp/in"
: >"$tmp/said"

# start: a server that drains quickly, and does not hold the client's input.
start()
{
	daemon_start --drain-time 0.5 3>&- || bail 'the daemon serves'
}

# said COUNT: so many lines.
# shellcheck disable=SC2317	# called by wait_until
said()
{
	[ "$(wc -l <"$tmp/said")" -eq "$1" ]
}

# goes_away NAME: once the client has said a line.
goes_away()
{
	succeeds "$1: the first call" wait_until 20 said 1
	daemon_stop
	is "$status" 0 "$1: the server drains"
	start
}

for client in ours stock; do
	start
	# It may still be what the one before said.
	: >"$tmp/said"
	case_by "$client" goaway <"$tmp/in" >"$tmp/said" &
	pid=$!
	exec 3>"$tmp/in"
	goes_away "$client"
	echo >&3
	exec 3>&-
	succeeds "$client: the second call" wait "$pid"
	daemon_stop
done

start
line 271828 >"$tmp/text"
begin each
exec 3>"$tmp/in"
cat "$tmp/text" >&3
goes_away reverse
cat "$tmp/text" >&3
exec 3>&-
succeeds 'reverse: the second call' wait "$client"
cat "$tmp/text" "$tmp/text" | rev >"$tmp/wanted"
same "$tmp/said" "$tmp/wanted" 'reverse: both responses, once each'
is "$(cat "$tmp/errors")" '' 'reverse: without a word'

done_testing
