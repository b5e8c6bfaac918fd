#!/bin/sh
# max_streams: the server does one call of a connection at a time, and has one
# stream.  After a first large_unary, ten at once all succeed.  A second stream
# is refused with RESOURCE_EXHAUSTED and a time after which to try again; when
# the first has ended, it is opened.  The command line tries again by itself:
# ten at once all succeed.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
daemon_start --calls 1 --streams 1 || bail 'the daemon serves'

both max_streams
line 271828 >"$tmp/text"
rev "$tmp/text" >"$tmp/wanted"
pids=
for i in 1 2 3 4 5 6 7 8 9 10; do
	reverse each "$tmp/text" >"$tmp/said.$i" &
	pids="$pids $!"
done
for pid in $pids; do
	wait "$pid"
done
for i in 1 2 3 4 5 6 7 8 9 10; do
	same "$tmp/said.$i" "$tmp/wanted" "reverse: stream $i of 10"
done

done_testing
