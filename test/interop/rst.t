#!/bin/sh
# rst_after_header, rst_during_data, rst_after_data: the server resets the
# connection when of the response to a large_unary no byte has arrived, half of
# them, or all.  The call fails, as a loss of the connection, or, where all
# bytes had come, may end with the right response.  A new channel does the same
# call.  The command line makes it again by itself, and succeeds.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

line 271828 | tr -d '\n' >"$tmp/text"
rev "$tmp/text" >"$tmp/wanted"

# resets ODDITY CASE
resets()
{
	for client in ours stock; do
		odd_server "$1"
		succeeds "$client: $2" case_by "$client" "$2" "$odd_port"
	done
	odd_server "$1"
	reverse send <"$tmp/text" >"$tmp/said"
	same "$tmp/said" "$tmp/wanted" "reverse: $2"
}

resets rst-none rst_after_header
resets rst-half rst_during_data
resets rst-all rst_after_data

done_testing
