# Test library for the shell: a daemon of the test's own, and the client that
# calls it.  Source tap.sh first, then this, then say private_network "$@".
#
#   hangs   seconds after which a program that should end is taken to hang
#   at      options with which the client finds the daemon
#   port    the port it serves: its default, or a free one on the host's network
#   unit    the unit that the client asks for, if it is told no other
#
# TEST_WRAPPER is put before both programs, valgrind for instance.  With
# TEST_SANDBOX=no the daemon is started without its sandbox, in which neither
# valgrind nor the sanitizers can do their work.
# TEST_OPTIONS are options for every daemon, such as -j 4.
#
# TEST_SERVER is a program to be tested in place of the daemon, as far as it
# goes: its argument is the port.  It takes TCP and UDP, has the units of
# test/stock/server.py, and knows no option of the daemon's.
#
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154	# shared with tap.sh and the tests

default_port=20726
hangs=$((60 * ${TEST_PATIENCE:-1}))
daemon_pid=
daemon_log=$tmp/daemon.log
daemon_denied=
two_nodes_pid=

RUNTIME_DIRECTORY=$tmp/runtime
mkdir -m 755 "$RUNTIME_DIRECTORY" || exit 1
export RUNTIME_DIRECTORY

unit=grapheme
server="reversed $(cat "$top/VERSION")"
case ${TEST_SERVER-} in
'' | /*) ;;
*) TEST_SERVER=$top/$TEST_SERVER ;;
esac
if [ -n "${TEST_SERVER-}" ]; then
	unit=codepoint
	server='server.py [0-9.]+'
fi

# What a daemon is told that a test starts by itself.
no_sandbox=
[ "${TEST_SANDBOX-}" != no ] || no_sandbox=--no-sandbox
no_sandbox="$no_sandbox ${TEST_OPTIONS-}"

# private_network "$@": goes on with this test where it has a network and an
# rpcbind of its own, or on the host's network without one; needs_rpcbind
# tells them apart.
private_network()
{
	if [ "${TEST_INSIDE-}" != "$0" ]; then
		TEST_INSIDE=$0
		export TEST_INSIDE
		rm -rf "$tmp"
		exec "$top/test/lib/private-rpcbind" sh "$0" "$@"
	fi
	unset TEST_INSIDE
	diag "rpcbind: $RPCBIND_RECIPE"
	port=$default_port
	at=$(asked_for)
	if [ "$RPCBIND_RECIPE" = none ]; then
		take_free_port
	fi
}

take_free_port()
{
	port=$(sh "$top/scripts/free-port")
	at="-p $port $(asked_for)"
}

# asked_for: options with which the client asks for what the server has.
asked_for()
{
	[ "$unit" = grapheme ] || echo "-u $unit"
}

# is_daemon: the server is the daemon, and no other.
is_daemon()
{
	[ -z "${TEST_SERVER-}" ]
}

# needs_daemon WHY: the whole test is skipped with another server.
needs_daemon()
{
	is_daemon || skip_all "needs the daemon: $1"
}

# needs_rpcbind: the whole test is skipped where there is none to be had.
needs_rpcbind()
{
	[ "$RPCBIND_RECIPE" != none ] ||
	    skip_all 'no rpcbind of its own: needs namespaces and rpcbind'
}

# needs_root_recipe: for what only true users can show.
needs_root_recipe()
{
	[ "$RPCBIND_RECIPE" = root ] ||
	    skip_all 'needs namespaces made by root'
}

# options_for ARGUMENT...: where the server is and what it is asked for, but for
# commands that have no unit.
options_for()
{
	case " $* " in
	*' greet '* | *' ping '* | *' status '* | *' describe '* | \
	    *' whoami '* | *' call '* | *' help '*) echo "${at%-u *}" ;;
	*) echo "$at" ;;
	esac
}

# reverse ARGUMENT...: the client, told where the daemon is.
reverse()
{
	# shellcheck disable=SC2046,SC2086	# both are lists of words
	${TEST_WRAPPER-} "$build/reverse" $(options_for "$@") "$@"
}

# reversed OPTION...: the daemon in the foreground.  Where the user is root in
# name alone it runs as an ordinary user, in one more namespace.
reversed()
{
	if [ "$RPCBIND_RECIPE" = none ]; then
		set -- --no-rpcbind -p "$port" "$@"
	fi
	# shellcheck disable=SC2086	# lists of words
	set -- ${TEST_WRAPPER-} "$build/reversed" $no_sandbox "$@"
	is_daemon || set -- "$TEST_SERVER" "$port"
	if [ "$RPCBIND_RECIPE" = user ]; then
		set -- unshare -U --map-user=65534 --map-group=65534 "$@"
	fi
	exec "$@"
}

daemon_runs()
{
	[ -n "$daemon_pid" ] && kill -0 "$daemon_pid" 2>/dev/null
}

# Its log says when it is ready.
daemon_serves_or_died()
{
	grep -Eq ' info serving |: serving port=' "$daemon_log" || ! daemon_runs
}

# daemon_start OPTION...: starts a daemon and waits until it serves; its log
# is the file $daemon_log.  Fails when it does not come up.  Another program
# may take the free port first; then it is tried with another.
daemon_start()
{
	daemon_tries=0
	while :; do
		daemon_launch "$@" && return
		[ "$RPCBIND_RECIPE" = none ] || return 1
		grep -qi 'in use' "$daemon_log" || return 1
		daemon_tries=$((daemon_tries + 1))
		[ "$daemon_tries" -lt 5 ] || return 1
		take_free_port
	done
}

daemon_launch()
{
	daemon_look_for_denials
	# Emptied here: in the background it may still be that of the last one.
	: >"$daemon_log"
	(reversed "$@") >>"$daemon_log" 2>&1 &
	daemon_pid=$!
	wait_until 20 daemon_serves_or_died && daemon_runs && return
	daemon_stop
	return 1
}

# daemon_stop: ends the daemon as an operator would; its exit code is left in
# status.
daemon_stop()
{
	status=0
	[ -n "$daemon_pid" ] || return 0
	kill -TERM "$daemon_pid" 2>/dev/null
	daemon_wait
}

# daemon_wait: waits until the daemon, told to end, has done so.
daemon_wait()
{
	status=0
	if ! wait_until 20 daemon_ended; then
		diag "the daemon does not end: killed"
		kill -KILL "$daemon_pid"
	fi
	wait "$daemon_pid" || status=$?
	daemon_pid=
}

# What the sandbox denies ends the daemon, and fails the test, whoever else
# takes that for the end that was to be.
daemon_look_for_denials()
{
	daemon_denied=$daemon_denied$(
		grep ' error denied system call ' "$daemon_log" 2>/dev/null
	)
}

# A dead child stays a zombie until it is waited for.
daemon_ended()
{
	! grep -q '^State:[[:space:]]*[^Z]' "/proc/$daemon_pid/status"
}

# A test fails also when its daemon ends badly, or does not end: that is where
# the sanitizers and valgrind speak.
daemon_at_exit()
{
	if [ -n "$daemon_pid" ]; then
		daemon_stop
		if [ "$status" -ne 0 ]; then
			diag "the daemon ended with exit code $status"
			tap_status=1
		fi
	fi
	daemon_look_for_denials
	if [ -n "$daemon_denied" ]; then
		diag "the sandbox ended a daemon: $daemon_denied"
		tap_status=1
	fi
	if [ "$tap_status" -ne 0 ] && [ -s "$daemon_log" ]; then
		diag "the daemon's log:"
		diag "$(tail -n 40 "$daemon_log")"
	fi
}
at_exit daemon_at_exit

# rpcbind_stop SIGNAL, rpcbind_start OPTION...: an outage of the private
# rpcbind; -w to rpcbind_start lets it take up its old registrations again.
rpcbind_stop()
{
	kill "-$1" "$RPCBIND_PID" && wait_until 20 rpcbind_ended
}

rpcbind_ended()
{
	! kill -0 "$RPCBIND_PID"
}

rpcbind_start()
{
	LD_PRELOAD=$RPCBIND_PRELOAD rpcbind -f "$@" &
	RPCBIND_PID=$!
	wait_until 20 rpcinfo
}

# two_nodes: a second host.  Afterwards this one, which runs rpcbind, is
# $node4 and $node6 to the other; on_peer COMMAND... runs there, with its own
# network and its own /run.  Both ends are in the ranges for documentation.
two_nodes()
{
	node4=192.0.2.1
	node6=2001:db8::1
	needs_rpcbind
	# shellcheck disable=SC2016	# expanded by the shell over there
	unshare -nm --propagation private sh -c '
		mount -t tmpfs tmpfs /run && ip link set lo up &&
		    echo up >"$1" && exec sleep 100000
	' sh "$tmp/peer.up" &
	two_nodes_pid=$!
	at_exit two_nodes_end
	wait_until 20 test -s "$tmp/peer.up" || bail 'no second node'

	# Without nodad the addresses would be refused for two seconds.
	if ! { ip link add node0 type veth \
	    peer name node1 netns "$two_nodes_pid" &&
	    ip addr add "$node4/24" dev node0 &&
	    ip -6 addr add "$node6/64" dev node0 nodad &&
	    ip link set node0 up &&
	    on_peer ip addr add 192.0.2.2/24 dev node1 &&
	    on_peer ip -6 addr add 2001:db8::2/64 dev node1 nodad &&
	    on_peer ip link set node1 up; }; then
		bail 'no wire between the nodes'
	fi
}

two_nodes_end()
{
	kill "$two_nodes_pid"
}

on_peer()
{
	nsenter -t "$two_nodes_pid" -n -m "--wd=$PWD" -- "$@"
}
