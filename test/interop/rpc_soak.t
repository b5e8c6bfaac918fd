#!/bin/sh
# rpc_soak: large_unary again and again on one channel, 1,000 times; 20 times
# without TEST_FULL.  Each succeeds.  The command line sends as many lines
# through one stream.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both rpc_soak
left=20
[ -z "${TEST_FULL-}" ] || left=1000
line 271828 >"$tmp/line"
while [ "$left" -gt 0 ]; do
	cat "$tmp/line"
	left=$((left - 1))
done >"$tmp/text"
rev "$tmp/text" >"$tmp/wanted"
run reverse each "$tmp/text"
same "$tmp/stdout" "$tmp/wanted" 'reverse: each'

done_testing
