#!/bin/sh
# A client on another node finds the server through rpcbind.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
needs_daemon 'it registers with rpcbind'
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

# What is sent to all hosts of a wire is answered by none, or one datagram would
# make each of them answer whoever it claims to come from.  One call goes to
# all, then another one to the server: the number of that which is answered
# first is told.
cat >"$tmp/ask.py" <<'END'
import socket
import sys
socket.setdefaulttimeout(10)
to = [socket.getaddrinfo(name, int(sys.argv[1]), type=socket.SOCK_DGRAM)[0]
      for name in sys.argv[2:]]
with socket.socket(to[0][0], socket.SOCK_DGRAM) as asking:
    asking.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    for xid in 1, 2:
        words = (xid, 0, 2, 544367990, 1, 0, 0, 0, 0, 0)
        asking.sendto(b"".join(w.to_bytes(4, "big") for w in words),
                      to[xid - 1][4])
    print(int.from_bytes(asking.recv(100)[:4], "big"))
END
# reaches ADDRESS: a new wire may have no way for it yet.
# shellcheck disable=SC2317	# called by wait_until
reaches()
{
	on_peer python3 -B - "$1" <<-'END'
	import socket, sys
	to = socket.getaddrinfo(sys.argv[1], 1, type=socket.SOCK_DGRAM)[0]
	socket.socket(to[0], socket.SOCK_DGRAM).connect(to[4])
	END
}

# calls: so many were made, with those that ask.
calls()
{
	peer_reverse -s "$node4" -p "$port" -n udp status |
	    sed -n 's/^calls: //p'
}

daemon_start -l udp:any || bail 'the daemon does not start on UDP'
before=$(calls)
asking=$(($(calls) - before))
run on_peer python3 -B "$tmp/ask.py" "$port" 192.0.2.255 "$node4"
is "$stdout$stderr" 2 'a broadcast is not answered'
wait_until 10 reaches ff02::1%node1
run on_peer python3 -B "$tmp/ask.py" "$port" ff02::1%node1 "$node6"
is "$stdout$stderr" 2 'nor is a multicast'
is $(($(calls) - before)) $((2 * asking + 2)) 'nor is either taken for a call'
daemon_stop

daemon_start -l "$node4" || bail 'the daemon does not start on one address'
run peer_reverse -s "$node4" send one
is "$status $stdout" '0 eno' 'bound to one address it is found there'
run peer_reverse -s "$node6" send other
is "$status" 3 'and not at the other'

done_testing
