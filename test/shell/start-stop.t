#!/bin/sh
# scripts/start and scripts/stop.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
needs_daemon 'what is tested are its scripts'
needs_rpcbind

RUNTIME_DIRECTORY="$tmp/run time"
BUILD=$build
export RUNTIME_DIRECTORY BUILD

# Root in name alone cannot become another user.
stay=$no_sandbox
[ "$RPCBIND_RECIPE" = root ] || stay="--user root $no_sandbox"

script()
{
	# shellcheck disable=SC2086	# a list of words
	case $1 in
	start) run sh "$top/scripts/start" $stay ;;
	stop) run sh "$top/scripts/stop" ;;
	esac
}

script start
is "$status" 0 'start exits 0'
like "$stdout" '^rpcbind runs already$' 'it takes the rpcbind that runs'
like "$stdout" '^reversed serves \(pid [0-9]+\)' 'and says that it serves'
succeeds 'which is so' rpcinfo -T tcp 127.0.0.1 544367990 1

script start
is "$status" 0 'a second start exits 0'
like "$stdout" '^reversed is running already' 'and says why it does nothing'

script stop
is "$status $stdout" '0 reversed stopped' 'stop ends the daemon'
succeeds 'but not the rpcbind that it found' rpcinfo
script stop
is "$status $stdout" '0 reversed was not running' 'a second stop has no effect'

# One that was killed is there until all its memory is free; start waits.
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"
run=$tmp
python3 -c '
import mmap, sys, time
held = mmap.mmap(-1, 256 << 20)
held.madvise(mmap.MADV_NOHUGEPAGE)
held.write(bytes(256 << 20))
print("ready", flush=True)
time.sleep(100)' >"$tmp/large" &
remember large $!
wait_until 10 grep -q ready "$tmp/large"
succeeds 'a process runs' running large
succeeds 'and is not dying' eval '! dying'
kill -9 "$pid"
succeeds 'once it was killed it is' eval '! running large || dying'

# The number of a process that ended goes to another one some day.
sleep 100 &
other=$!
echo "$other 1" >"$RUNTIME_DIRECTORY/reversed.pid"
script stop
succeeds 'stop spares a process that start did not start' kill -0 "$other"
kill "$other"

if [ "$RPCBIND_RECIPE" = root ]; then
	rpcbind_stop TERM
	script start
	like "$stdout" '^rpcbind started' 'without one, root starts rpcbind'
	succeeds 'where the daemon is registered' \
	    rpcinfo -T tcp6 ::1 544367990 1
	script stop
	is "$stdout" 'reversed stopped
rpcbind stopped' 'and stop ends both'
	run rpcinfo
	is "$status" 1 'so that none answers'
else
	skip 4 'only true root can start rpcbind'
fi

run sh "$top/scripts/start" --no-rpcbind --port 70000
is "$status" 1 'start exits 1 when the daemon does not come up'
like "$stderr" 'port.*70000' 'and shows what it said'

mkdir -m 777 "$tmp/open"
RUNTIME_DIRECTORY=$tmp/open:$tmp/other
script start
is "$status" 1 'start takes no folder that others can write to'
like "$stderr" "^$tmp/open: not a folder" 'which is the first that is named'

done_testing
