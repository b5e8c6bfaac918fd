#!/bin/sh
# unimplemented_service: a service that the server does not have is called.
# gRPC answers UNIMPLEMENTED, ONC RPC PROG_UNAVAIL where it has no such program,
# and PROG_MISMATCH, with the versions it has, where it has no such version.
# The command line calls no other program than that of reverse.x.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both unimplemented_service

done_testing
