#!/bin/sh
# What `make demo` shows, and how long it takes.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

[ "${TEST_SANDBOX-}" != no ] || skip_all 'TEST_SANDBOX=no'

began=$(monotonic)
run env BUILD="$build" sh "$top/scripts/show"
took=$(($(monotonic) - began))
is "$status" 0 'it exits 0'
is "$((took / (3000 * ${TEST_PATIENCE:-1})))" 0 'in less than half a minute'

# Every command is preceded by what to look at.
is "$(printf '%s\n' "$stdout" | grep -B 1 '^\$ ' | grep -c '^# ')" \
    "$(printf '%s\n' "$stdout" | grep -c '^\$ ')" \
    'each step says what to look at'
is "$(printf '%s\n' "$stdout" | grep '^# ' | grep -c '[^.]$')" 0 'in a line'

# shows ERE NAME
shows()
{
	like "$stdout" "$1" "$2"
}

shows '^Send me a message, and I will send it back reversed\.$' \
    'it shows the message asked for'
shows '^dlrow ,olleH$' 'one sent and received reversed'
shows '^eerht$' 'collect'
shows '^👍🏽$' 'spell'
shows '^eno$' 'each'
shows '^999991$' 'whole'
shows '^  kill -9 ' 'a server that is killed'
like "$stderr" 'the connection is lost, and will be made again' \
    'whose stream is not'
shows '^owt$' 'and goes on'
shows '^smargatad yb$' 'UDP'
shows '^state: serving$' 'the counters'
shows '^reversed stopped$' 'and the end'
if printf '%s\n' "$stdout" | grep -q 'rpcbind of its own'; then
	for netid in tcp tcp6 udp udp6 local; do
		shows "^ 544367990 +1 +$netid " "rpcinfo sees $netid"
	done
else
	skip 5 'no rpcbind of its own: needs namespaces and rpcbind'
fi

run env BUILD="$build" MESSAGE='-it'\''s' SERVER_LOG="$tmp/log" \
    sh "$top/scripts/show"
like "$stdout" '^s.ti-$' 'MESSAGE is what it sends'
is "$(grep -c ' info serving ' "$tmp/log")" 2 \
    'SERVER_LOG gets the logs of both servers'
like "$(tail -n 1 "$tmp/log")" ' info stopped$' 'to their ends'

done_testing
