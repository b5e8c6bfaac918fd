#!/bin/sh
# empty_stream: a stream in both directions is opened, and half-closed without a
# message.  The call succeeds, and there are no responses.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both empty_stream
run reverse each </dev/null
is "$status $(wc -c <"$tmp/stdout") $stderr" '0 0 ' 'reverse: each'

done_testing
