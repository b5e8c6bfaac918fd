#!/bin/sh
# The ground the other shell tests stand on.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
needs_rpcbind

run rpcinfo
like "$stdout" '^ +100000 +4 +tcp6 ' 'rpcbind serves IPv6'
like "$stdout" '^ +100000 +4 +local +/run/rpcbind.sock' 'and its socket'
is "$(printf '%s\n' "$stdout" | grep -cv ' 100000 ')" 1 \
    'nothing but rpcbind itself is registered'

first=$RPCBIND_PID
rpcbind_stop TERM
run rpcinfo
is "$status" 1 'a stopped rpcbind is gone'
rpcbind_start -w
succeeds 'a started one answers' rpcinfo
unlike "$RPCBIND_PID" "^$first\$" 'and is another'

two_nodes
succeeds 'the second node reaches the first by IPv4' \
    on_peer rpcinfo -T tcp "$node4" 100000 4
succeeds 'and by IPv6' on_peer rpcinfo -T tcp6 "$node6" 100000 4
run on_peer rpcinfo -p 127.0.0.1
unlike "$status" '^0$' 'but has no rpcbind itself'
run on_peer test -e /run/rpcbind.sock
is "$status" 1 'nor the socket of one'

done_testing
