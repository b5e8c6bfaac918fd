#!/bin/sh
# custom_metadata: a call and a stream of 271,828 bytes carry metadata, one
# value of text and one of the bytes ab ab ab.  Both succeed, and both values
# come back.  In reverse.x the keys that come back begin with "echo-"; a third
# one, which does not, stays away.  The command line sends no metadata.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

both custom_metadata

done_testing
