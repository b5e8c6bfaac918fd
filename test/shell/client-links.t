#!/bin/sh
# What the command line does about a link that is pulled, or that takes no long
# frames, and about hosts that keep silent.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
two_nodes

mkfifo "$tmp/in"
patience=${TEST_PATIENCE:-1}

peer_reverse()
{
	# shellcheck disable=SC2046,SC2086	# lists of words
	on_peer ${TEST_WRAPPER-} "$build/reverse" -p "$port" $(asked_for) "$@"
}

# begin COMMAND...: the client over there in the background; its standard input
# is $tmp/in, which stays open as 3.
begin()
{
	# The client comes to it later, and what an earlier one said must not
	# be taken for its own.
	: >"$tmp/said"
	: >"$tmp/errors"
	peer_reverse -s "$node4" "$@" <"$tmp/in" >"$tmp/said" \
	    2>"$tmp/errors" &
	client=$!
	exec 3>"$tmp/in"
}

# ended: its exit code is left in status, its messages in stderr.
ended()
{
	exec 3>&-
	status=0
	wait "$client" || status=$?
	stderr=$(cat "$tmp/errors")
}

# has_said LINE: it is the client's last line of output.
# shellcheck disable=SC2317	# called by wait_until
has_said()
{
	[ "$(tail -n 1 "$tmp/said")" = "$1" ]
}

# answers LINE ANSWER: the client reads the one and says the other.
# shellcheck disable=SC2317	# called by succeeds
answers()
{
	echo "$1" >&3
	wait_until 20 has_said "$2"
}

# begin_well COMMAND...: and it has answered its first line.  It looks for its
# server for two seconds at first, in which a busy machine may stand still.
begin_well()
{
	for _ in 1 2 3; do
		begin "$@"
		echo abc >&3
		wait_until 4 has_said cba && return
		ended
		diag "$stderr"
	done
	return 1
}

# pull, plug: the wire between the nodes.
pull()
{
	ip link set node0 down
}

plug()
{
	ip link set node0 up
	# For a new wire the first frames may get lost.
	wait_until 20 peer_reverse -s "$node4" -n "$1" -t 1 ping
}

# gives_up NETID: --retry bounds what a pulled link costs.
gives_up()
{
	succeeds "$1: each answers" begin_well -n "$1" --retry 2 each
	pull
	began=$(monotonic)
	echo def >&3
	ended
	took=$(($(monotonic) - began))
	is "$status $(cat "$tmp/said")" '3 cba' \
	    "$1: a link that stays down is exit code 3"
	succeeds "$1: after the time of --retry: $took" \
	    test "$took" -ge 200 -a "$took" -lt $((2000 * patience))
	plug "$1"
}

# shellcheck disable=SC2317	# called by wait_until
has_lost()
{
	grep -q 'the connection is lost' "$tmp/errors"
}

# says_at_last LINE: or what it said of its troubles instead.
# shellcheck disable=SC2317	# called by succeeds
says_at_last()
{
	wait_until 30 has_said "$1" || { cat "$tmp/errors" && return 1; }
}

# goes_on NETID: what was asked while the link was down is answered.
goes_on()
{
	begin_well -v -n "$1" each || bail "$1: each does not answer"
	pull
	echo def >&3
	wait_until 20 has_lost || diag 'the client has not noticed'
	ip link set node0 up
	succeeds "$1: each goes on when the link is back" \
	    says_at_last fed
	succeeds "$1: with the next line" answers ghi ihg
	ended
	is "$status $(cat "$tmp/said")" "0 $(printf 'cba\nfed\nihg')" \
	    "$1: nothing is lost or said twice"
}

daemon_start -l any -l udp:any || bail 'the daemon does not start'
for netid in tcp udp; do
	gives_up "$netid"
	goes_on "$netid"
done

# Neighbours that exist on paper, and swallow everything.
for host in 8 9; do
	on_peer ip neigh add "192.0.2.$host" lladdr 02:00:00:00:00:77 \
	    nud permanent dev node1
done
limit=$((10 * patience))
run peer_reverse -s "192.0.2.9,$node4" -t "$limit" send x
is "$status $stdout" '0 x' 'a silent host holds up no other'
run peer_reverse -s 192.0.2.8,192.0.2.9 -s "$node4:$port" -t "$limit" send x
is "$status $stdout" '0 x' 'nor do two'

# The answer does not get through: no frame of it is short enough.
head -c 5000 /dev/zero | tr '\0' x >"$tmp/text"
on_peer ip link set node1 mtu 1000
run peer_reverse -s "$node4" -n udp send <"$tmp/text"
is "$status $stdout" '1 ' 'a text too long for its path is exit code 1'
like "$stderr" 'too long for this transport; use -n tcp' 'with the way to go'
like "$stderr" 'a datagram of 5[0-9]{3} bytes, .* does not fit the path' \
    'and its reason'
run peer_reverse -s "$node4" -n udp -t 1 send <"$tmp/text"
is "$status $stdout" '4 ' 'before that is known the deadline may pass'
like "$stderr" 'a datagram of 5[0-9]{3} bytes may not fit .*: try -n tcp' \
    'which says why that may be'
seq 3000 >"$tmp/text"
rev "$tmp/text" >"$tmp/wanted"
run peer_reverse -s "$node4" -n udp each "$tmp/text"
same "$tmp/stdout" "$tmp/wanted" 'lines go in datagrams that are short enough'

done_testing
