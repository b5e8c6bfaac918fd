#!/bin/sh
# timeout_on_sleeping_server: a stream in both directions with a deadline of
# 1 ms sends 27,182 bytes, and waits.  It ends with DEADLINE_EXCEEDED.  So it
# does where the server is told the deadline; and a call ends with RPC_TIMEDOUT
# where it is the client alone that waits no longer.  After each the same
# connection does a large_unary.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both timeout_on_sleeping_server

# The command line has to find the server in that time as well, so it may have
# more of it.
mkfifo "$tmp/in"
for deadline in 0.001 0.1; do
	begin -t "$deadline" each
	exec 3>"$tmp/in"
	line 27182 >"$tmp/text"
	cat "$tmp/text" >&3 2>"$tmp/killed"
	status=0
	wait "$client" || status=$?
	exec 3>&-
	is "$status" 4 "reverse: $deadline s have passed"
done
line 27182 | rev >"$tmp/wanted"
run reverse each "$tmp/text"
same "$tmp/stdout" "$tmp/wanted" 'reverse: the next call is answered'
succeeds 'reverse: no stream is left' wait_until 20 streams 0

done_testing
