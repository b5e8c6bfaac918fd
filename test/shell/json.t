#!/bin/sh
# --json: failures are objects as well, among the results.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

daemon_start || bail 'the daemon does not start'

# Each line of standard output as an object: the status, or - for a result, and
# what makes the message that of standard error.
cat >"$tmp/failures" <<'END'
import json, sys
told = open(sys.argv[1], encoding="utf-8").read()
for line in sys.stdin:
    o = json.loads(line)
    if set(o) != {"status", "message"}:
        print("-", end=" ")
    elif "reverse: " + o["message"] + "\n" in told or "-q" in sys.argv:
        print(o["status"], end=" ")
    else:
        print("not on standard error:", o["message"], end=" ")
END
# fails CODE STATUSES NAME: so the client ended, and that is its output.
fails()
{
	is "$status $(python3 -B "$tmp/failures" "$tmp/stderr" \
	    <"$tmp/stdout")" "$1 $2 " "$3"
}

run reverse --json send "$(printf '\377')"
fails 1 INVALID_ARGUMENT 'what the server refuses'
run reverse --json send ab
is "$status $stdout $stderr" "0 {\"text\":\"ba\",\"unit\":\"$unit\"} " \
    'there is none where all is well'
run reverse send "$(printf '\377')"
is "$status $stdout" '1 ' 'nor without --json'
printf 'ab\n\377\ncd\n\377' >"$tmp/text"
run reverse --json each --skip-bad "$tmp/text"
fails 1 '- INVALID_ARGUMENT - INVALID_ARGUMENT' 'each in its place'
run reverse --json whole "$tmp/none" "$tmp" "$tmp/text"
fails 1 'NOT_FOUND FAILED_PRECONDITION INVALID_ARGUMENT' 'those of files'
run reverse --json send --no-such x
fails 2 INVALID_ARGUMENT 'wrong usage after --json'
run reverse --json frobnicate
fails 2 INVALID_ARGUMENT 'a command that does not exist'
run reverse frobnicate --json
is "$status $stdout" '2 ' 'wrong usage before it'
run "$build/reverse" --json -S "$tmp/none" ping
fails 3 UNAVAILABLE 'no server, with all lines of the message'
kill -STOP "$daemon_pid"
run "$build/reverse" --json -s "127.0.0.1:$port" -t 0.3 send x
fails 4 DEADLINE_EXCEEDED 'no answer before the deadline'
kill -CONT "$daemon_pid"
run reverse -q --json send "$(printf '\377')"
is "$status $stderr $(python3 -B "$tmp/failures" "$tmp/stderr" -q \
    <"$tmp/stdout")" '1  INVALID_ARGUMENT ' 'also with nothing to be said'

cat >"$tmp/other.x" <<'END'
program OTHER { version OTHER_1 { void NOTHING(void) = 0; } = 1; } = 600000000;
END
run "$build/reverse" --json -s "127.0.0.1:$port" -x "$tmp/other.x" call NOTHING
fails 3 UNIMPLEMENTED 'a program that nobody serves'
run reverse --json call REVERSE_EXCHANGE '{}'
fails 2 INVALID_ARGUMENT 'arguments that are none'

done_testing
