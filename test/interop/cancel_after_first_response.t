#!/bin/sh
# cancel_after_first_response: a stream in both directions is opened, a message
# of 27,182 bytes goes up, and the stream is cancelled when it was answered.  It
# ends with CANCELLED.  The command line is interrupted, and has said the
# response.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

# shellcheck disable=SC2317	# called by wait_until
answered()
{
	[ "$(wc -l <"$tmp/said")" -eq 1 ]
}

both cancel_after_first_response
mkfifo "$tmp/in"
begin each
exec 3>"$tmp/in"
line 27182 >&3
succeeds 'reverse: the message is answered' wait_until 20 answered
interrupted
line 27182 | rev >"$tmp/wanted"
is "$status" 130 'reverse: ends by the signal'
same "$tmp/said" "$tmp/wanted" 'reverse: there is one response'
succeeds 'reverse: the stream has ended' wait_until 20 streams 0

done_testing
