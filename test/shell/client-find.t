#!/bin/sh
# How the command line finds its server: by rpcbind, without it, and in time
# where nobody answers.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
needs_daemon 'it registers with rpcbind'
needs_rpcbind

program=544367990

# build_textbook: libtirpc's own server, by the commands in its head.
build_textbook()
{
	mkdir "$tmp/server" && cd "$tmp/server" &&
	    cp "$top/reverse.x" "$top/test/stock/server.c" . &&
	    sed -n 's/^ \*	\(rpcgen\|cc\) /\1 /p' server.c >commands &&
	    sh -e commands
}

# shellcheck disable=SC2317	# called by wait_until
registered()
{
	rpcinfo -u 127.0.0.1 "$program" 1 && rpcinfo -t 127.0.0.1 "$program" 1
}

# within HUNDREDTHS COMMAND...: runs it, and leaves in took whether it was
# done in that time and not long before it.
within()
{
	limit=$1
	shift
	began=$(monotonic)
	run "$@"
	took=$(($(monotonic) - began))
	if [ "$took" -ge $((limit - 5)) ] &&
	    [ "$took" -lt $((limit + 300 * ${TEST_PATIENCE:-1})) ]; then
		took='in time'
	fi
}

# Another port than the default, and nothing but TCP.
daemon_start -p 21000 -l 127.0.0.1 -l ::1 || bail 'the daemon does not start'
run reverse ping
like "$stdout" ':21000 in' 'rpcbind names the port'
run reverse -n tcp --trace ping
like "$stderr" '^trace: RPCBPROC_GETADDR 127\.0\.0\.1:111 xid=' \
    'asking it is shown by --trace'
run reverse -n udp ping
is "$status" 3 'what is served on tcp is not on udp'
like "$stderr" 'rpcbind at 127\.0\.0\.1:111: knows no reverse server on udp' \
    'which is said'
run reverse -n local ping
like "$stderr" 'rpcbind at /.*: knows no reverse server on local' \
    'nor on a Unix socket'
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
daemon_pid=
run reverse -n tcp ping
is "$status" 3 'a registration without its server is exit code 3'
like "$stderr" 'tried 127\.0\.0\.1:21000 \(named by rpcbind\): .* refused' \
    'which is told from other attempts'
like "$stderr" 'tried 127\.0\.0\.1:20726: Connection refused' \
    'and the default port was tried'
run reverse -n tcp -v ping
is "$(grep -c '^reverse: tried 127\.0\.0\.1:21000' "$tmp/stderr")" 3 \
    'it is looked for three times, as where nobody is registered'

# rpcbind runs, and does not know the daemon.
daemon_start --no-rpcbind || bail 'the daemon does not start'
run reverse ping
is "$status" 0 'a server that is not registered is found at its default port'
rpcbind_stop TERM
run reverse -n tcp -v ping
is "$status" 0 'and without an rpcbind'
like "$stderr" 'tried rpcbind at 127\.0\.0\.1:111: Connection refused' \
    'which is said with -v'
daemon_stop
run reverse ping
like "$stderr" 'tried rpcbind at .*:111: Connection refused' 'and without -v'
rpcbind_start

# An rpcbind may name anything, and a terminal would obey it.
forged=$(printf '/none\nreverse: all is well\033[2J\302\233')
rpcbind_stop TERM
rm -f /run/rpcbind.sock
python3 -B "$top/test/lib/slow-rpcbind" 0 /run/rpcbind.sock "$forged" &
forger=$!
wait_until 20 test -S /run/rpcbind.sock
run reverse -v -n local ping
kill "$forger"
is "$status" 3 'a forged address is exit code 3'
like "$stderr" \
    'tried /none\\x0areverse: all is well\\x1b\[2J\\xc2\\x9b \(named' \
    'which is shown without its control characters'
unlike "$stderr" '^reverse: all is well' 'and not as a message of ours'
rpcbind_start

# libtirpc's own server, over UDP.
if build_textbook >"$tmp/log" 2>&1; then
	"$tmp/server/a.out" &
	textbook=$!
	at_exit "kill $textbook 2>/dev/null"
	wait_until 20 registered || diag 'the textbook server is not up'
	run reverse -n udp send 'Grüße, Welt'
	is "$status $stdout" '0 tleW ,eßürG' 'a call over UDP'
	run reverse -n udp --trace ping
	like "$stderr" '^trace: REVERSE_PING 127\.0\.0\.1:[0-9]+ xid=' \
	    'is shown by --trace'
	head -c 70000 /dev/zero >"$tmp/long"
	run reverse -n udp send -u byte <"$tmp/long"
	is "$status" 1 'a call that no datagram holds is exit code 1'
	like "$stderr" 'too long for this transport; use -n tcp' 'and says so'
	run reverse -n tcp send 'Grüße, Welt'
	is "$stdout" 'tleW ,eßürG' 'a call over TCP'
	run reverse status
	is "$status" 1 'a procedure it does not have is exit code 1'
	like "$stderr" 'refused: UNIMPLEMENTED' 'with its status'
	kill -STOP "$textbook"
	within 30 reverse -n udp -t 0.3 ping
	is "$status $took" '4 in time' 'silence over UDP ends at the deadline'
	kill -KILL "$textbook"
	wait "$textbook" 2>/dev/null
	run reverse -n udp ping
	is "$status" 3 'nobody on UDP is exit code 3'
	like "$stderr" ': Connection refused' 'which the kernel tells'
else
	diag "$(cat "$tmp/log")"
	fail 'the textbook server builds'
fi

# somebody FILE: takes connections at a free port, which FILE is told, and says
# what standard input has, once it was called.
somebody()
{
	python3 -B -c '
import socket, sys
said = sys.stdin.buffer.read()
listener = socket.create_server(("127.0.0.1", 0))
with open(sys.argv[1], "w") as told:
    print(listener.getsockname()[1], file=told)
while True:
    caller, _ = listener.accept()
    caller.recv(4096)
    caller.sendall(said)
    while caller.recv(4096):
        pass
    caller.close()' "$1"
}

# Somebody else listens there, who is no server.
printf 'HTTP/1.1 400 Bad Request\r\n\r\n' >"$tmp/http"
for said in http silence; do
	[ -e "$tmp/$said" ] || : >"$tmp/$said"
	somebody "$tmp/$said.port" <"$tmp/$said" &
	listener=$!
	wait_until 20 test -s "$tmp/$said.port"
	for command in ping each; do
		within 0 reverse -s 127.0.0.1 -p "$(cat "$tmp/$said.port")" \
		    $command <"$tmp/http"
		is "$status $took" '3 in time' "$command at a port of $said"
		like "$stderr" 'nobody there has answered as a reverse' \
		    'which is said'
	done
	kill "$listener"
done

# A network that swallows everything: its neighbours exist on paper.
if ip link add void0 type veth peer name void1 2>/dev/null; then
	ip link set void0 up
	ip link set void1 up
	ip addr add 192.0.2.2/24 dev void0
	for host in 1 9; do
		ip neigh add "192.0.2.$host" lladdr 02:00:00:00:00:77 \
		    nud permanent dev void0
	done
	within 30 reverse -s 192.0.2.9 -t 0.3 ping
	is "$status $took" '4 in time' 'connecting ends at the deadline'
	like "$stderr" 'tried rpcbind at 192\.0\.2\.9:111: Connection timed' \
	    'with what was tried'
	within 200 reverse -s 192.0.2.9 -p 9 ping
	is "$status $took" '3 in time' 'and after two seconds without one'
	echo 'nameserver 192.0.2.1' >"$tmp/resolv.conf"
	if mount --bind "$tmp/resolv.conf" /etc/resolv.conf 2>/dev/null; then
		within 30 reverse -s name.example -t 0.3 ping
		is "$status $took" '4 in time' \
		    'a silent name server is waited for until the deadline'
		like "$stderr" 'tried the name name.example: no answer' \
		    'which is said'
	else
		skip 2 'no /etc/resolv.conf to put another over'
	fi
else
	skip 5 'no veth device'
fi

done_testing
