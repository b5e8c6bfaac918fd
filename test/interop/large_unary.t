#!/bin/sh
# large_unary: a message of 271,828 bytes goes up, and the call succeeds.  The
# response has as many, which are those of the request reversed; gRPC's has
# 314,159, but a reversal is as long as its text.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both large_unary
line 271828 >"$tmp/text"
rev "$tmp/text" >"$tmp/wanted"
reverse each "$tmp/text" >"$tmp/each"
tr -d '\n' <"$tmp/text" | reverse send >"$tmp/send"
echo >>"$tmp/send"
same "$tmp/send" "$tmp/wanted" 'reverse: send'
same "$tmp/each" "$tmp/wanted" 'reverse: each'

done_testing
