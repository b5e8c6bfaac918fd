#!/bin/sh
# ping_pong: a message goes up, and the next one only when the one before was
# answered; in the end the client half-closes.  The call succeeds, and there
# are as many responses as requests, each of its size.  gRPC sends 27,182 bytes
# for 31,415, 8 for 9, 1,828 for 2,653 and 45,904 for 58,979; a reversal is as
# long as its text, so a message of each of these eight sizes goes up.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both ping_pong

# answered COUNT: so many lines have come back.
# shellcheck disable=SC2317	# called by wait_until
answered()
{
	[ "$(wc -l <"$tmp/said")" -eq "$1" ]
}

mkfifo "$tmp/in"
begin each
exec 3>"$tmp/in"
count=0
for size in 27182 31415 8 9 1828 2653 45904 58979; do
	line "$size" >&3
	line "$size" | rev >>"$tmp/wanted"
	count=$((count + 1))
	succeeds "reverse: $size bytes are answered before there are more" \
	    wait_until 20 answered "$count"
done
exec 3>&-
succeeds 'reverse: the call succeeds' wait "$client"
same "$tmp/said" "$tmp/wanted" 'reverse: each response is its own'

done_testing
