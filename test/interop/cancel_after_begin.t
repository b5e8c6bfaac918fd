#!/bin/sh
# cancel_after_begin: a stream of requests is opened, and cancelled before the
# first.  It ends with CANCELLED.  The command line is interrupted.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both cancel_after_begin
mkfifo "$tmp/in"
begin collect
exec 3>"$tmp/in"
succeeds 'reverse: the stream is opened' wait_until 20 streams 1
interrupted
is "$status $(wc -c <"$tmp/said")" '130 0' 'reverse: ends by the signal'
succeeds 'reverse: the stream has ended' wait_until 20 streams 0

done_testing
