#!/bin/sh
# What rpcgen writes calls the types of variable length of rpcloop/wire/checked,
# and none of libtirpc's that allocate what a length claims.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

[ -e "$build/libgen.a" ] || bail "$build/libgen.a is there"
nm -u "$build/libgen.a" | awk '$1 == "U" { print $2 }' | sort -u >"$tmp/called"

is "$(grep -xE 'xdr_(bytes|string|array|wrapstring|netobj)' "$tmp/called")" '' \
    'generated code calls nothing that believes a length'
is "$(grep -xE 'xdr_checked_(bytes|array)' "$tmp/called")" \
    "$(printf '%s\n' xdr_checked_array xdr_checked_bytes)" \
    'but what holds it against the message'

done_testing
