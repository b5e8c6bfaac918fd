#!/bin/sh
# The daemon and rpcbind: what is registered, by whom, and for how long.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
needs_daemon 'it registers with rpcbind'
needs_rpcbind

program=544367990

# entries: what rpcbind has of the program, as "netid address owner" lines.
entries()
{
	rpcinfo | awk -v program="$program" \
	    '$1 == program { print $3, $4, $NF }' | sort
}

# shellcheck disable=SC2317	# called through wait_until
registered()
{
	[ "$(entries)" = "$wanted" ]
}

# settled: what is registered becomes what is wanted, if it is waited for.
settled()
{
	wait_until 20 registered
	entries
}

start()
{
	daemon_start "$@" || bail 'the daemon serves'
}

# The daemon runs as an ordinary user in both recipes, so owns its entries.
case $RPCBIND_RECIPE in
root) owner=65534 ;;
user) owner=superuser ;;
esac
# all_of OWNER: the entries that there should be.
all_of()
{
	printf '%s\n' "local $RUNTIME_DIRECTORY/20726.sock $1" \
	    "tcp 127.0.0.1.80.246 $1" "tcp6 ::1.80.246 $1" \
	    "udp 127.0.0.1.80.246 $1" "udp6 ::1.80.246 $1"
}
wanted=$(all_of "$owner")

start
is "$(settled)" "$wanted" 'every netid is registered, by one owner'
succeeds 'rpcinfo calls it over IPv4' \
    rpcinfo -T tcp 127.0.0.1 "$program" 1
succeeds 'rpcinfo calls it over IPv6' rpcinfo -T tcp6 ::1 "$program" 1
succeeds 'over UDP' rpcinfo -T udp 127.0.0.1 "$program" 1
succeeds 'over UDP and IPv6' rpcinfo -T udp6 ::1 "$program" 1
succeeds 'and over its Unix socket' rpcinfo -T local localhost "$program" 1
run rpcinfo -T tcp 127.0.0.1 "$program" 2
like "$stderr" 'low version = 1, high version = 1' \
    'another version is a mismatch, which names the one there is'

# A second daemon, beside the first and at a port of its own.
stay=
[ "$RPCBIND_RECIPE" = root ] || stay='--user root'
# shellcheck disable=SC2086	# lists of words
run timeout "$hangs" "$build/reversed" -p 0 $stay $no_sandbox
is "$status" 1 'a second daemon exits 1'
like "$stderr" 'already served by 127\.0\.0\.1:20726' 'and says where it is'
is "$(entries)" "$wanted" 'and leaves the entries of the first alone'

# told_absent: how often the log says that there is no rpcbind.
told_absent()
{
	grep -c 'rpcbind cannot be reached' "$daemon_log"
}

# shellcheck disable=SC2317	# called through wait_until
tells_absent()
{
	[ "$(told_absent)" -gt "$told" ]
}

# Two outages: rpcbind forgets everything, or takes up what it had.  The
# first may be over before it is noticed.
rpcbind_stop KILL
rpcbind_start
is "$(settled)" "$wanted" \
    'registered again soon after an rpcbind that forgot'
told=$(told_absent)
rpcbind_stop TERM
wait_until 20 tells_absent
rpcbind_start -w
is "$(settled)" "$wanted" 'and with one that remembered'
is "$(($(told_absent) - told))" 1 'that it was away is said once'

daemon_stop
is "$status" 0 'a stopped daemon exits 0'
is "$(entries)" '' 'and leaves no entry behind'

# An own stale entry is replaced.
start
is "$(settled)" "$wanted" 'a daemon is registered'
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
daemon_pid=
is "$(entries)" "$wanted" 'and leaves its entries when it is killed'
start
is "$(settled)" "$wanted" 'which the next one takes over'
daemon_stop
start -p 21726 -l 127.0.0.1 -l ::1 -l udp:127.0.0.1 -l udp:::1 \
    -l "unix:$RUNTIME_DIRECTORY/other"
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
daemon_pid=
start
is "$(settled)" "$wanted" 'and replaces where they name a dead address'
daemon_stop

# Anybody may register a path, with whatever in it.
start -l "unix:$RUNTIME_DIRECTORY/a b	c"
# shellcheck disable=SC2086	# lists of words
run timeout "$hangs" "$build/reversed" -l "unix:$RUNTIME_DIRECTORY/d" $stay \
    $no_sandbox
like "$stderr" 'already served by .*/a\\x20b\\x09c \(netid local' \
    'an address of others is one word of the log'
daemon_stop

# One that named every address was on the port that is now its own.
daemon_start -l any || bail 'the daemon serves'
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
daemon_pid=
rpcbind_stop TERM
daemon_start || bail 'the daemon serves'
rpcbind_start -w
wait_until 20 registered
is "$(entries)" "$wanted" 'and those that name any address, on its own port'
daemon_stop

# A start without rpcbind.
rpcbind_stop TERM
start
wait_until 20 grep -q 'rpcbind cannot be reached' "$daemon_log"
like "$(cat "$daemon_log")" 'rpcbind cannot be reached' \
    'without rpcbind it serves, and says so'
rpcbind_start
is "$(settled)" "$wanted" 'and is registered once rpcbind is there'
daemon_stop
start --no-rpcbind
is "$(entries)" '' 'with --no-rpcbind it is not registered'
daemon_stop

# An rpcbind that hangs delays the start by seconds, and the service by none.
kill -STOP "$RPCBIND_PID"
daemon_start
is "$?" 0 'it serves beside an rpcbind that hangs'
kill -CONT "$RPCBIND_PID"
is "$(settled)" "$wanted" 'and is registered once that goes on'
kill -STOP "$RPCBIND_PID"
began=$(monotonic)
daemon_stop
took=$(($(monotonic) - began))
is "$status" 0 'and ends in order beside one that hangs'
succeeds 'which it does not wait for' \
    test "$took" -lt "$((2000 * ${TEST_PATIENCE:-1}))"
kill -CONT "$RPCBIND_PID"

# One that is slow has answered all of it in seven seconds.
rpcbind_stop TERM
rm -f /run/rpcbind.sock
python3 -B "$top/test/lib/slow-rpcbind" 1.2 /run/rpcbind.sock &
slow_pid=$!
wait_until 20 test -S /run/rpcbind.sock
chmod 666 /run/rpcbind.sock
daemon_start
is "$?" 0 'it serves beside an rpcbind that is slow'
succeeds 'and it is registered in the end' \
    wait_until 60 grep -q 'registered with rpcbind netid=local' "$daemon_log"
is "$(sed -n -e 's/.* info serving .*/serving/p' \
    -e 's/.* info registered .*=local .*/registered/p' "$daemon_log" |
    head -n 1)" serving 'for which it did not wait'
began=$(monotonic)
daemon_stop
took=$(($(monotonic) - began))
is "$status" 0 'it ends in order'
succeeds 'and does not wait for that one' \
    test "$took" -lt "$((2000 * ${TEST_PATIENCE:-1}))"
kill "$slow_pid"
wait "$slow_pid" 2>/dev/null
rm -f /run/rpcbind.sock
rpcbind_start

# One entry stands for a netid, and a path means the same to everybody.
wait_until 20 rpcinfo
here=$PWD
cd "$tmp" || exit 1
start -l 127.0.0.2 -l 127.0.0.1 -l unix:own
wanted="tcp 127.0.0.2.80.246 $owner"
is "$(settled)" "$wanted" \
    'the first of two addresses is registered, and no path that is relative'
daemon_stop
cd "$here" || exit 1

if [ "$RPCBIND_RECIPE" = root ]; then
	# What root registered, only root may replace.
	wait_until 20 rpcinfo
	rpcinfo -d "$program" 1 2>/dev/null
	wanted=$(all_of superuser)
	start --user root
	is "$(settled)" "$wanted" 'a daemon that stays root is registered'
	kill -KILL "$daemon_pid"
	wait "$daemon_pid" 2>/dev/null
	daemon_pid=
	# shellcheck disable=SC2086	# a list of words
	run timeout "$hangs" "$build/reversed" $no_sandbox
	is "$status" 1 'over an entry of another user it exits 1'
	like "$stderr" 'entry of superuser .*65534 may not replace' \
	    'and names the owner'
	like "$stderr" "rpcinfo -d $program 1" 'and the command that helps'
	rpcinfo -d "$program" 1
else
	skip 4 'another user needs namespaces made by root'
fi

done_testing
