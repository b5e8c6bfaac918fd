#!/bin/sh
# unimplemented_method: a procedure that the service does not have is called,
# with an empty message.  gRPC answers UNIMPLEMENTED, ONC RPC PROC_UNAVAIL (RFC
# 5531, section 9), and the connection goes on.  The command line calls no
# procedure that reverse.x has not.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both unimplemented_method

done_testing
