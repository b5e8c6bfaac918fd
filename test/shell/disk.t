#!/bin/sh
# The disk of long streams, slow and broken: those who use it are told, and
# nobody else notices.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

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

# daemon_with_disk MILLISECONDS ERRNO: what a write takes and how it fails.
daemon_with_disk()
{
	DISK_DELAY=$1 DISK_ERROR=$2 LD_PRELOAD=$preload
	export DISK_DELAY DISK_ERROR LD_PRELOAD
	daemon_start --spool "$tmp/spool" || bail 'the daemon serves'
	unset LD_PRELOAD
}

daemon_with_disk 300 0
(
	reverse whole "$tmp/text" >"$tmp/got" 2>"$tmp/said"
	echo "$?" >"$tmp/code"
) &
whole=$!
run reverse ping -c 30 -i 0.02
is "$status" 0 'others are served while the disk takes 300 ms a write'
most=$(printf '%s\n' "$stdout" | sed -n 's/.* most \([0-9]*\).*/\1/p')
is "$((most < 150 * ${TEST_PATIENCE:-1}))" 1 'and never wait for it'
is "$(cat "$tmp/code" 2>/dev/null)" '' 'the stream does'
wait "$whole"
is "$(cat "$tmp/code" "$tmp/said")" 0 'and is carried to its end'
is "$(head -c 1 "$tmp/got") $(wc -c <"$tmp/got")" 'y 2000001' \
    'with all of the text'
daemon_stop

daemon_with_disk 0 28
run reverse whole "$tmp/text"
is "$status" 1 'a full disk ends the stream'
like "$stderr" 'RESOURCE_EXHAUSTED: no room' 'and says so'
daemon_stop

daemon_with_disk 0 5
run reverse whole "$tmp/text"
is "$status" 1 'a broken disk ends the stream'
like "$stderr" 'INTERNAL: .*disk failed' 'and says so'
run reverse send abc
is "$status $stdout" '0 cba' 'the others go on'
like "$(cat "$daemon_log")" 'warn spool failed operation=write: Input' \
    'and the log says what happened'
daemon_stop

done_testing
