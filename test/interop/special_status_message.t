#!/bin/sh
# special_status_message: a call fails with UNKNOWN and a message of blanks,
# ends of lines and characters of two planes of Unicode.  Code and message
# arrive as they were sent.  The daemon has no such message, and reverse.x wants
# none with a newline: the server is one that does it all the same.  The command
# line says it in one line, on which what would move a terminal is escaped.

# shellcheck source=test/interop/cases.sh
. "${0%/*}/cases.sh"
serve

odd_server special
both special_status_message "$odd_port"
run reverse send text
is "$status $stderr" '1 reverse: the server refused: UNKNOWN: '\
'\x09\x0atest with whitespace\x0d\x0aand Unicode BMP ☺ and non-BMP 😈\x09\x0a' \
    'reverse: it is one line'

done_testing
