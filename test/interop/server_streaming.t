#!/bin/sh
# server_streaming: one request asks for responses of 31,415, 9, 2,653 and
# 58,979 bytes.  The call succeeds, and there are exactly four, of these sizes
# and in this order.  Here the request is a text of four lines, of which SPELL
# sends the last one first.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both server_streaming

# The end of a line is a part of it.
for size in 58978 2652 8 31414; do
	line "$size"
done >"$tmp/text"
run reverse -u line spell "$(cat "$tmp/text")
"
is "$status $(awk '{ print length($0) + 1 }' "$tmp/stdout" | tr '\n' ' ')" \
    '0 31415 9 2653 58979 ' 'reverse: spell'

done_testing
