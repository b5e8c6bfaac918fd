#!/bin/sh
# --trace-html: the calls of a run as a page, whatever became of the run.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

# traced COMMAND...: runs it with a page, of which page has the facts.
traced()
{
	rm -f "$tmp/page.html"
	run reverse --trace-html "$tmp/page.html" "$@"
	page=$(python3 -B "$top/test/page/read.py" "$tmp/page.html" 2>&1)
}

# pages NAME COMMAND...: every byte of its messages belongs to a field.
pages()
{
	what=$1
	shift
	traced "$@"
	unlike "$page" '^(wrong:|Traceback)' "$what: every byte has a field"
	like "$page" "^exit $status\$" "$what: and the page has the exit code"
}

daemon_start || bail 'the daemon does not start'
seq 3000 >"$tmp/numbers"
head -c 300000 /dev/urandom >"$tmp/bytes"

for command in collect each whole spell; do
	pages "$command" "$command" "$tmp/numbers"
	like "$page" '^[0-9]+ REVERSE_OPEN server 1 STATUS_OK$' \
	    "$command: it begins its stream"
	succeeds "$command: in less than 150 KB" \
	    test "$(wc -c <"$tmp/page.html")" -lt 150000
done
pages greet greet
is "$stderr" '' 'nothing is said on standard error'
pages bytes -u byte whole "$tmp/bytes"
pages udp -n udp send abc
pages describe describe
pages another -x "$top/reverse.x" call REVERSE_PING
like "$(cat "$tmp/page.html")" "\"file\":\"$top/reverse.x\",\"text\":\"" \
    'an interface that is named is in the page'
run reverse --trace --trace-html "$tmp/both.html" send abc
like "$stderr" '^trace: REVERSE_TEXT .* STATUS_OK$' '--trace says it as well'
is "$stdout" cba 'and the result is as ever'
if is_daemon; then
	pages local -n local ping
else
	skip 2 'needs the daemon: it serves a Unix socket'
fi

# What is sent is data, whatever it is.
hostile=$(printf '</script><!-- <script>alert(1)"'\''\\&\342\200\250\001')
pages hostile -u byte send "$hostile"
run grep -c '\\u003c/script\\u003e\\u003c!--' "$tmp/page.html"
is "$status" 0 'hostile bytes are there'
is "$(python3 -B - "$tmp/page.html" "$top/test/page" <<'END'
import sys
sys.path.insert(0, sys.argv[2])
from read import run_of
run = run_of(sys.argv[1])
print([part["words"] for part in run["calls"][-1]["call"]["parts"]
       if part["words"].startswith('text "')][0][:24])
END
)" 'text "</script><!-- <scr' 'and are read as what they are'

# What fails has a page as well.
printf 'a\377' >"$tmp/wrong"
pages 'a refusal' send <"$tmp/wrong"
like "$page" ' REVERSE_TEXT server 1 STATUS_INVALID_ARGUMENT$' 'with its status'

# So has what is interrupted.
mkfifo "$tmp/in"
# shellcheck disable=SC2086	# both are lists of words
env --default-signal=INT ${TEST_WRAPPER-} "$build/reverse" $at \
    --trace-html "$tmp/cut.html" each <"$tmp/in" >"$tmp/said" 2>&1 &
client=$!
exec 3>"$tmp/in"
echo one >&3
wait_until "$hangs" test -s "$tmp/said"
succeeds 'meanwhile the page has not its name' test ! -e "$tmp/cut.html"
is "$(find "$tmp" -name 'cut.html.*.part' | grep -c .)" 1 'but another one'
kill -INT "$client"
wait "$client"
exec 3>&-
page=$(python3 -B "$top/test/page/read.py" "$tmp/cut.html" 2>&1)
like "$page" '^exit 130$' 'an interrupted run has a page'
like "$page" ' REVERSE_OPEN server 1 STATUS_OK$' 'of what was until then'
is "$(find "$tmp" -name '*.part')" '' 'and no other file is left'

# Of many calls the first and the last are there.
traced ping -c 150 -i 0
like "$page" '^left out [0-9]+$' 'of many calls some are left out'
is "$(printf '%s\n' "$page" | grep -c '^[0-9]')" 100 'and a hundred are kept'
first=$(printf '%s\n' "$page" | sed -n 's/ .*//; /^[0-9]/p' | head -n 50 |
    paste -s -d ' ')
is "$first" "$(seq 50 | paste -s -d ' ')" 'the first'
left=$(printf '%s\n' "$page" | sed -n 's/^left out //p')
last=$(printf '%s\n' "$page" | sed -n 's/ .*//; /^[0-9]/p' | tail -n 50 |
    paste -s -d ' ')
is "$last" "$(seq $((left + 51)) $((left + 100)) | paste -s -d ' ')" \
    'and the last, in their order'

# Datagrams that were lost.
"$top/test/lib/lose-first" 127.0.0.1 "$port" >"$tmp/through" &
network=$!
at_exit "kill $network 2>/dev/null"
wait_until "$hangs" test -s "$tmp/through"
# shellcheck disable=SC2046,SC2086	# lists of words
run ${TEST_WRAPPER-} "$build/reverse" -n udp -s 127.0.0.1 \
    -p "$(cat "$tmp/through")" $(asked_for) \
    --trace-html "$tmp/page.html" send abc
page=$(python3 -B "$top/test/page/read.py" "$tmp/page.html" 2>&1)
like "$page" ' REVERSE_TEXT server [2-9] STATUS_OK$' \
    'a call that was sent again is one call'
unlike "$page" '^(wrong:|Traceback)' 'and every byte has a field'
kill "$network"
wait "$network" 2>/dev/null

# Where the page cannot be written.
run reverse --trace-html "$tmp/nowhere/page.html" send abc
is "$status $stdout" '1 ' 'a page that cannot be made is a failure at once'
is "$stderr" \
    "reverse: cannot write $tmp/nowhere/page.html: No such file or directory" \
    'with its reason'
run reverse --trace-html "$tmp" send abc
is "$stderr" "reverse: cannot write $tmp: Is a directory" 'a folder is none'

# What is no file is written to as it is.
mkfifo "$tmp/pipe"
cat "$tmp/pipe" >"$tmp/got" &
reader=$!
run reverse --trace-html "$tmp/pipe" send abc
succeeds 'a pipe stays one' test -p "$tmp/pipe"
# A pipe that has become a file would leave its reader waiting.
[ -p "$tmp/pipe" ] || kill "$reader"
wait "$reader"
like "$(cat "$tmp/got")" '^</html>$' 'and the page goes through it'

# A file that cannot be written to the end leaves the one that was.
echo old >"$tmp/old.html"
(
	# shellcheck disable=SC3045	# sh has it
	ulimit -f 8
	reverse --trace-html "$tmp/old.html" send abc
) >"$tmp/stdout" 2>"$tmp/stderr"
is "$? $(cat "$tmp/stdout" "$tmp/stderr")" \
    "1 cba
reverse: cannot write $tmp/old.html: File too large" \
    'a file that may not grow is a failure at the end'
is "$(cat "$tmp/old.html")" old 'and the old one stays'
is "$(find "$tmp" -name '*.part')" '' 'without a part of another'

# A file that is there is replaced, and a link stays one.
ln -s old.html "$tmp/link.html"
run reverse --trace-html "$tmp/link.html" send abc
is "$(readlink "$tmp/link.html")" old.html 'a link stays a link'
like "$(cat "$tmp/old.html")" '^<!DOCTYPE html>$' 'to the new page'

# Nobody there.
daemon_stop
traced --retry 0 ping
is "$status" 3 'nobody there is exit code 3'
like "$page" '^exit 3$' 'which the page has'
traced -n udp --retry 0 ping
like "$page" '^[0-9]+ REVERSE_PING server 1 Connection refused$' \
    'a call that failed is in it'
done_testing
