#!/bin/sh
# The disk of long streams, slow and broken: those who use it are told, and
# nobody else notices.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
needs_daemon 'it keeps long texts on disk'

[ -z "${TEST_WRAPPER-}" ] || skip_all 'a preload and a wrapper do not mix'
# The loader knows no spaces in a preload; a sanitizer wants to come before it.
preload=$(mktemp /tmp/reverse-disk.XXXXXX)
at_exit "rm -f $preload"
if ! cp "$build/test/lib/disk.so" "$preload" || ! chmod 755 "$preload"; then
	bail 'a library to preload'
fi
ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0
export ASAN_OPTIONS
mkdir -m 777 "$tmp/spool"
head -c 2000000 /dev/zero | tr '\0' x >"$tmp/text"
printf 'y' >>"$tmp/text"

# daemon_with_disk ERRNO: how a write fails.
daemon_with_disk()
{
	DISK_ERROR=$1 LD_PRELOAD=$preload
	export DISK_ERROR LD_PRELOAD
	daemon_start --spool "$tmp/spool" || bail 'the daemon serves'
	unset LD_PRELOAD
}

# No write ends before something is written to the gate.
mkfifo "$tmp/gate"
DISK_GATE=$tmp/gate
export DISK_GATE
daemon_with_disk 0
unset DISK_GATE
(
	reverse whole "$tmp/text" >"$tmp/got" 2>"$tmp/said"
	echo "$?" >"$tmp/code"
) &
whole=$!
succeeds 'a long text is written to the disk' \
    wait_until 20 grep -q '^disk: a write has begun' "$daemon_log"
run reverse ping -c 30 -i 0.01
is "$status $(printf '%s\n' "$stdout" | grep -c '^answer ')" '0 30' \
    'others never wait for a disk that does not get on'
is "$(cat "$tmp/code" 2>/dev/null)" '' 'the stream does'
head -c 1000 /dev/zero >"$tmp/gate"
wait "$whole"
is "$(cat "$tmp/code" "$tmp/said")" 0 'and is carried to its end'
is "$(head -c 1 "$tmp/got") $(wc -c <"$tmp/got")" 'y 2000001' \
    'with all of the text'
daemon_stop

daemon_with_disk 28
run reverse whole "$tmp/text"
is "$status" 1 'a full disk ends the stream'
like "$stderr" 'RESOURCE_EXHAUSTED: no room' 'and says so'
daemon_stop

daemon_with_disk 5
run reverse whole "$tmp/text"
is "$status" 1 'a broken disk ends the stream'
like "$stderr" 'INTERNAL: .*disk failed' 'and says so'
run reverse send abc
is "$status $stdout" '0 cba' 'the others go on'
like "$(cat "$daemon_log")" 'warn spool failed operation=write: Input' \
    'and the log says what happened'
daemon_stop

done_testing
