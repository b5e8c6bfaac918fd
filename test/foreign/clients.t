#!/bin/sh
# Clients by the tools and libraries of others, for test/all/foreign: each does
# a ping, texts of no bytes, of 64 KiB, as long as may be and of one byte more,
# which is refused, and a stream.  What it prints then is in `expected`.  Where
# its language is not installed, it is skipped by its name.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

program=544367990
foreign=$top/test/foreign
daemon_start || bail 'the daemon does not start'

# client NAME COMMAND...: the client, told the port.
client()
{
	name=$1
	shift
	if ! command -v "$1" >"$tmp/found"; then
		skip 1 "$name: there is no $1"
		return
	fi
	run timeout "$hangs" "$@" "$port"
	is "$stdout" "$(cat "$foreign/expected")" "$name"
	[ -z "$stderr" ] || diag "$stderr"
}

# library NAME HEADER FLAG...: its client, compiled.
library()
{
	name=$1
	header=$2
	shift 2
	if ! echo "#include <$header>" | cc "$@" -E - >"$tmp/found" 2>&1; then
		skip 1 "$name: there is no <$header>"
		return
	fi
	succeeds "the client for $name builds" cc -std=c17 -D_GNU_SOURCE \
	    -Wall -Wextra -Werror -I"$top" -o "$tmp/$name" "$foreign/client.c" \
	    "$foreign/$name.c" "$@"
	client "$name" "$tmp/$name"
}

# rpcinfo_pings NETID ADDRESS: without a rpcbind; a universal address.
rpcinfo_pings()
{
	run timeout "$hangs" rpcinfo -a "$2" -T "$1" "$program" 1
	is "$status $stdout" \
	    "0 program $program version 1 ready and waiting" "rpcinfo by $1"
}

universal=127.0.0.1.$((port / 256)).$((port % 256))
if command -v rpcinfo >"$tmp/found"; then
	rpcinfo_pings tcp "$universal"
	rpcinfo_pings udp "$universal"
	rpcinfo_pings local "$RUNTIME_DIRECTORY/$port.sock"
else
	skip 1 'rpcinfo: it is not installed'
fi

client Perl perl "$foreign/client.pl"
client Python python3 -B "$foreign/client.py"
client Tcl tclsh "$foreign/client.tcl"
client Node node "$foreign/client.js"
library gssrpc gssrpc/rpc.h -lgssrpc
library libnfs nfsc/libnfs.h -lnfs
# shellcheck disable=SC2046	# lists of words
library ntirpc rpc/svc_rqst.h \
    $(pkg-config --cflags libntirpc 2>"$tmp/found" | sed 's/-I/-isystem /g') \
    $(pkg-config --libs libntirpc 2>"$tmp/found")

daemon_stop
is "$status" 0 'the daemon ends'
done_testing
