#!/bin/sh
# push_back, which gRPC describes under flow control and has given no name: a
# client sends faster than the other end takes messages, and its sends wait.  A
# client that takes no answers can send no more than the server's window, and as
# much again, which waits there as answers.  A call that sends on all the same
# is kept waiting, and nothing of it is taken.  Once the answers are taken, it
# goes on.  The command line, of which nobody reads the output, leaves its input
# alone until somebody does.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both push_back

# What the kernel, the client and the server hold of the input is far less.
size=33554432
line $((size - 1)) | fold -w 4095 | head -c "$size" >"$tmp/text"
rev "$tmp/text" >"$tmp/wanted"

# read_of_input: the bytes that the client has read.
read_of_input()
{
	awk '$1 == "pos:" { print $2 }' "/proc/$client/fdinfo/0"
}

# at_rest: it has read some, and reads no more.
# shellcheck disable=SC2317	# called by wait_until
at_rest()
{
	before=$(read_of_input)
	sleep 0.2
	[ "$before" -gt 0 ] && [ "$(read_of_input)" = "$before" ]
}

mkfifo "$tmp/out"
# shellcheck disable=SC2086	# both are lists of words
${TEST_WRAPPER-} "$build/reverse" $at each <"$tmp/text" >"$tmp/out" &
client=$!
exec 4<"$tmp/out"
succeeds 'reverse: it comes to rest' wait_until 20 at_rest
held=$(read_of_input)
succeeds "reverse: long before the end, at $held" test "$held" -lt 8388608
cat <&4 >"$tmp/said"
succeeds 'reverse: the call succeeds' wait "$client"
same "$tmp/said" "$tmp/wanted" 'reverse: nothing is lost'

done_testing
