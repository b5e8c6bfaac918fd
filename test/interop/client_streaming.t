#!/bin/sh
# client_streaming: messages of 27,182, 8, 1,828 and 45,904 bytes go up, and the
# client half-closes.  The call succeeds, and there is one response for all
# 74,922 bytes: gRPC's is their sum, ours is themselves, reversed.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both client_streaming
# The end of a line is a part of its message.
for size in 27181 7 1827 45903; do
	line "$size"
done >"$tmp/text"
run reverse collect "$tmp/text"
tr '\n' '|' <"$tmp/text" | rev | tr '|' '\n' >"$tmp/wanted"
same "$tmp/stdout" "$tmp/wanted" 'reverse: collect'
is "$(wc -c <"$tmp/stdout")" 74922 'reverse: 74,922 bytes'

done_testing
