#!/bin/sh
# concurrent_large_unary: 1,000 calls of large_unary at once on one channel; 64
# without TEST_FULL.  All succeed, each with its response.  A handle of libtirpc
# makes one call after the other: it is as many handles that call at once.  The
# command line makes one call.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both concurrent_large_unary

done_testing
