# For the cases: a daemon at a port of the loopback, without rpcbind, and the
# clients that call it.  A case is a test of gRPC's, by its name there; its head
# says what it asserts.  Three clients run it, where they can:
#
#   reverse   the command line, and with it the client's streams
#   ours      NAME.c on our channels
#   stock     NAME.c on handles of libtirpc, made from reverse.x by rpcgen
#
# gRPC's are in doc/interop-test-descriptions.md and
# doc/http2-interop-test-descriptions.md of its repository.
#
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154	# shared with tap.sh and the tests

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"

RPCBIND_RECIPE=none
take_free_port

# serve: starts the daemon, without options.
serve()
{
	# shellcheck disable=SC2119
	daemon_start || bail 'the daemon serves'
}

# case_by CLIENT NAME [PORT]: runs NAME.c, at the daemon or at another server.
case_by()
{
	# shellcheck disable=SC2086	# a list of words
	timeout "$hangs" ${TEST_WRAPPER-} "$build/test/interop/$1" "$2" \
	    "${3-$port}"
}

# both NAME [PORT]: by both clients in C.
both()
{
	succeeds "ours: $1" case_by ours "$@"
	succeeds "stock: $1" case_by stock "$@"
}

# line LENGTH: so many digits, and the end of the line.
line()
{
	seq 100000 | tr -d '\n' | head -c "$1"
	echo
}

# begin COMMAND...: the command line in the background, as a shell in a terminal
# would start it: it reads the pipe $tmp/in, and writes the file $tmp/said.
begin()
{
	: >"$tmp/said"
	# shellcheck disable=SC2086	# both are lists of words
	env --default-signal=INT ${TEST_WRAPPER-} "$build/reverse" $at "$@" \
	    <"$tmp/in" >"$tmp/said" 2>"$tmp/errors" &
	client=$!
}

# interrupted: so it is; its exit code is left in status.
interrupted()
{
	status=0
	kill -INT "$client"
	wait "$client" || status=$?
}

# streams COUNT: so many are open at the server.
streams()
{
	reverse --json status | grep -q "\"streams\":$1,"
}

# odd_server ODDITY: such a server before the daemon (test/lib/odd-server), of
# which $odd_port is the port; the command line calls it.
odd_server()
{
	odd_server_ends
	: >"$tmp/odd"
	python3 -B "$top/test/lib/odd-server" "$1" "$port" >"$tmp/odd" &
	odd=$!
	wait_until 20 test -s "$tmp/odd" || bail "no server that is $1"
	odd_port=$(head -n 1 "$tmp/odd")
	at="-s 127.0.0.1:$odd_port"
}

odd=
odd_server_ends()
{
	[ -z "$odd" ] || kill "$odd"
	odd=
}
at_exit odd_server_ends
