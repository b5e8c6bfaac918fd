#!/bin/sh
# The pages of --trace-html in a browser: those of the four modes, of calls that
# were sent again, that failed, that asked rpcbind, that are too many, and of
# bytes that would be markup.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
needs_rpcbind

mkdir "$tmp/pages"

# page NAME COMMAND...: makes one.
page()
{
	name=$1
	shift
	reverse --trace-html "$tmp/pages/$name.html" "$@" >/dev/null 2>&1
}

daemon_start || bail 'the daemon does not start'
seq 3000 >"$tmp/numbers"
for mode in collect each whole spell; do
	page "$mode" "$mode" "$tmp/numbers"
done
page rpcbind ping
page hostile -u byte send '</script><script>window.hacked = 1</script><!--'
page many ping -c 150 -i 0
"$top/test/lib/lose-first" 127.0.0.1 "$port" >"$tmp/through" &
network=$!
at_exit "kill $network 2>/dev/null"
wait_until "$hangs" test -s "$tmp/through"
page retried -n udp -s 127.0.0.1 -p "$(cat "$tmp/through")" send abc
daemon_stop
page failed -n udp -s 127.0.0.1 -p "$port" --retry 0 ping
is "$(find "$tmp/pages" -name '*.html' | grep -c .)" 9 'the pages are there'

python3 -B "$top/test/page/look.py" "$tmp/pages" >"$tmp/facts" 2>"$tmp/errors"
is "$?" 0 'the browser has seen all of them'
diag "$(tail -n 5 "$tmp/errors")"
while read -r result name; do
	case $result in
	ok) pass "$name" ;;
	*) fail "${name#ok }" ;;
	esac
done <"$tmp/facts"
is "$(grep -c 'nothing to complain' "$tmp/facts")" 9 'each by itself'
done_testing
