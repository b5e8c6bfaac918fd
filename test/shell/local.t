#!/bin/sh
# The Unix socket from the client's side: by path, by rpcbind, and in the
# runtime directory; who the kernel says calls; sockets that nobody is behind.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
needs_daemon 'it serves a Unix socket'

# A port goes with no Unix socket.
at=
socket=$tmp/socket
mkdir -m 755 "$tmp/empty"

# nowhere ARGUMENT...: runs the client with nothing in its runtime directory.
nowhere()
{
	# shellcheck disable=SC2086	# a list of words
	run env RUNTIME_DIRECTORY="$tmp/empty" ${TEST_WRAPPER-} \
	    "$build/reverse" "$@"
}

daemon_start -l 127.0.0.1 -l "unix:$socket" || bail 'the daemon does not start'
run reverse -S "$socket" greet
like "$stdout" " at $socket\$" 'the path is enough'
like "$stdout" '^longest message: 1048576 bytes$' 'for the longest messages'
run reverse -n local -S "$socket" send 'Grüße, Welt'
is "$status $stdout" '0 tleW ,eßürG' 'send'
seq 300000 >"$tmp/numbers"
tac "$tmp/numbers" >"$tmp/upwards"
run reverse -S "$socket" -u line whole "$tmp/numbers"
same "$tmp/stdout" "$tmp/upwards" 'whole'
run reverse -S "$socket" --trace ping
like "$stderr" "^trace: REVERSE_PING $socket xid=" '--trace names the path'
# A path may be named to move a terminal.
wild=$(printf '%s/wild\033[2J' "$tmp")
tame="$tmp/wild\\\\x1b\\[2J"
ln -s "$socket" "$wild"
run reverse -S "$wild" greet
like "$stdout" " at $tame\$" 'greet escapes what would'
run reverse -S "$wild" ping
like "$stdout" "^answer 1 from $tame in " 'so does ping'
run reverse -S "$wild" --trace ping
like "$stderr" "^trace: REVERSE_PING $tame xid=" 'and --trace'

# Where the user is root in name alone, the daemon knows it by another number.
uid=$(id -u)
[ "$RPCBIND_RECIPE" != user ] || uid=65534
run reverse -S "$socket" whoami
like "$stdout" "^uid: $uid\$" 'whoami: the kernel tells the uid'
like "$stdout" "^principal: uid:$uid\$" 'which is no claim'
unlike "$stdout" '^address:' 'and there is no address'
run reverse -S "$socket" --json whoami
like "$stdout" "\"uid\":$uid,\"principal\":\"uid:$uid\"" 'so in JSON'

if [ "$RPCBIND_RECIPE" = none ]; then
	skip 2 'no rpcbind of its own'
else
	nowhere -n local --trace whoami
	is "$status" 0 'rpcbind names it'
	like "$stderr" "^trace: REVERSE_WHOAMI $socket " 'by its path'
fi

# Nobody behind it any more.
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2>"$tmp/killed"
daemon_pid=
run reverse -S "$socket" ping
is "$status" 3 'a socket that nobody listens at is exit code 3'
like "$stderr" "tried $socket: Connection refused" 'which is told'
like "$stderr" 'the path of its socket \(-S\)' 'with what to check'
unlike "$stderr" 'firewall' 'and nothing of a network'
rm "$socket"
run reverse -S "$socket" ping
is "$status" 3 'so is one that is not there'
like "$stderr" "tried $socket: No such file or directory" 'which is told'
run reverse -S "$(printf '%0200d' 0)" ping
like "$status $stderr" '^3 ' 'and one whose path is too long'
like "$stderr" 'too long for a Unix socket' 'which is told'

# Where daemons have it that were told nothing, whether rpcbind knows or not.
if [ "$RPCBIND_RECIPE" = none ]; then
	skip 6 'the default port may be taken'
	done_testing
fi
daemon_start --no-rpcbind || bail 'the daemon does not start'
run reverse -n local --trace ping
is "$status" 0 'the runtime directory is looked in'
like "$stderr" "^trace: REVERSE_PING $RUNTIME_DIRECTORY/$default_port.sock " \
    'for the default port'
nowhere -n local ping
is "$status" 3 'and where else it is not found'
like "$stderr" "tried $tmp/empty/$default_port.sock: No such file" \
    'it is said where it was looked for'

# The one of this user, which others must not have made.
mkdir -m 700 "$tmp/user" && ln -s "$RUNTIME_DIRECTORY" "$tmp/user/reversed"
# shellcheck disable=SC2086	# a list of words
run env -u RUNTIME_DIRECTORY XDG_RUNTIME_DIR="$tmp/user" ${TEST_WRAPPER-} \
    "$build/reverse" -n local ping
like "$status $stderr" "^3 " 'a folder that is none is not trusted'
like "$stderr" "user/reversed/$default_port.sock: not in a folder of this" \
    'which is told'

done_testing
