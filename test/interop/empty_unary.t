#!/bin/sh
# empty_unary: a call whose request and response have no bytes.  It succeeds,
# and the response is there: PING, which has none at all, and a TEXT of none.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both empty_unary
succeeds 'reverse: ping is answered' reverse ping
run reverse send </dev/null
is "$status $(wc -c <"$tmp/stdout")" '0 0' 'reverse: nothing comes of nothing'

done_testing
