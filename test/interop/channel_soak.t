#!/bin/sh
# channel_soak: large_unary again and again, each on a new channel, 1,000 times;
# 20 times without TEST_FULL.  Each succeeds, and no connection is left.  The
# command line connects each time it is run.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

# one_connection: that of the client that asks.
# shellcheck disable=SC2317	# called by wait_until
one_connection()
{
	reverse --json status | grep -q '"connections":1\>'
}

both channel_soak
left=20
[ -z "${TEST_FULL-}" ] || left=1000
line 271828 | tr -d '\n' >"$tmp/text"
rev "$tmp/text" >"$tmp/wanted"
while [ "$left" -gt 0 ] && reverse send <"$tmp/text" >"$tmp/said" &&
    cmp "$tmp/said" "$tmp/wanted"; do
	left=$((left - 1))
done
is "$left" 0 'reverse: send'
succeeds 'no connection is left' wait_until 20 one_connection

done_testing
