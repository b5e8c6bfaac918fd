#!/bin/sh
# A client on another node finds the server through rpcbind.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
two_nodes

peer_reverse()
{
	# shellcheck disable=SC2086	# a list of words
	on_peer ${TEST_WRAPPER-} "$build/reverse" -t 20 "$@"
}

daemon_start -l any || bail 'the daemon does not start'

for node in "$node4" "$node6"; do
	run peer_reverse -s "$node" send 'Hello, world'
	is "$status $stdout" '0 dlrow ,olleH' "a text goes to $node and back"
	run peer_reverse -s "$node" greet
	like "$stdout" "^server: reversed .*$node" "$node greets"
done
run peer_reverse -s "$node4" whoami
like "$stdout" '^address: 192\.0\.2\.2\.' 'the server knows its caller by IPv4'
run peer_reverse -s "$node6" whoami
like "$stdout" '^address: 2001:db8::2\.' 'and by IPv6'

# A message as long as any passes a wire with its real segment size.
seq 1 200000 | head -c 1048576 >"$tmp/long"
perl -0777 -ne 'print scalar reverse' "$tmp/long" >"$tmp/gnol"
peer_reverse -s "$node4" -u byte send <"$tmp/long" >"$tmp/answer"
same "$tmp/gnol" "$tmp/answer" 'a message of 1 MiB comes back reversed'

run peer_reverse send here
is "$status" 3 'without -s it looks on its own node, where none serves'

daemon_stop
is "$status" 0 'the server stops'
run peer_reverse -s "$node4" send gone
is "$status" 3 'then the client cannot reach it'
run on_peer rpcinfo -T tcp "$node4" 544367990 1
unlike "$status" '^0$' 'nor does rpcbind name it any more'

daemon_start -l "$node4" || bail 'the daemon does not start on one address'
run peer_reverse -s "$node4" send one
is "$status $stdout" '0 eno' 'bound to one address it is found there'
run peer_reverse -s "$node6" send other
is "$status" 3 'and not at the other'

done_testing
