#!/bin/sh
# Texts larger than what memory holds of them: 4 GiB with TEST_FULL, else few.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

mkdir -m 1777 "$tmp/spool" || bail 'no directory for the spool'
daemon_start --spool "$tmp/spool" || bail 'the daemon does not start'

whole=16
each=16
# Sanitizers and valgrind use memory of their own.
memory=
if [ -n "${TEST_FULL-}" ]; then
	whole=4096
	each=64
	memory=65536
fi

# through MEBIBYTES LINES COMMAND...: feeds so much to a pipeline of the
# command, twice, and prints whether what comes out is what went in, and the
# most KiB that either of the two clients had in memory.  With LINES = 0 there
# is no LF in it.
cat >"$tmp/through" <<'END'
import hashlib, random, resource, subprocess, sys, threading

mebibytes, lines, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
# A CR that starts a line would be part of its end the second time.
noise = random.Random(5531).randbytes(1 << 20).replace(b"\r", b"+")
if not lines:
    noise = noise.replace(b"\n", b"-")
went, came = hashlib.blake2b(), hashlib.blake2b()

first = subprocess.Popen(command, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
second = subprocess.Popen(command, stdin=first.stdout,
                          stdout=subprocess.PIPE)
first.stdout.close()


def feed():
    try:
        for number in range(mebibytes):
            block = b"%016d" % number + noise[16:]
            went.update(block)
            first.stdin.write(block)
        first.stdin.close()
    except BrokenPipeError:
        pass


feeder = threading.Thread(target=feed)
feeder.start()
while block := second.stdout.read(1 << 20):
    came.update(block)
feeder.join()
done = first.wait() == 0 and second.wait() == 0
print("same" if done and went.digest() == came.digest() else "other")
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END

# within NAME KIB: so much is within what is allowed, where that is known.
within()
{
	if [ -n "$memory" ]; then
		succeeds "$1: $2 KiB" test "$2" -lt "$memory"
	fi
}

# large NAME MEBIBYTES LINES COMMAND...
large()
{
	large_name=$1
	shift
	# shellcheck disable=SC2086	# both are lists of words
	run python3 -B "$tmp/through" "$1" "$2" ${TEST_WRAPPER-} \
	    "$build/reverse" $at -u byte "$3"
	is "$(echo "$stdout" | head -n 1)$stderr" same \
	    "$large_name, twice, is what it was"
	within "$large_name: the client" "$(echo "$stdout" | tail -n 1)"
}

large "whole of $whole MiB" "$whole" 1 whole
large "each of $each MiB of lines" "$each" 1 each
large "each of a line of $each MiB" "$each" 0 each
within 'the daemon' \
    "$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$daemon_pid/status")"

# A long text is collected in steps, and each unit of it stays whole: one, for
# graphemes, is longer than a step.
python3 -c 'print("für 日本 e\u0301\u0301 \U0001f1eb\U0001f1f7" * 9000 + "e" +
    "\u0301" * 90000 + "x\u0301 \U0001f468\u200d\U0001f469 " * 9000, end="")' \
    >"$tmp/long"
collected='grapheme codepoint byte word'
if ! is_daemon; then
	collected='codepoint byte'
	skip 4 'needs the daemon: graphemes and words'
fi
for unit in $collected; do
	reverse -u "$unit" send <"$tmp/long" >"$tmp/sent"
	reverse -u "$unit" collect "$tmp/long" >"$tmp/collected"
	succeeds "a long text collected by $unit is reversed as a whole" \
	    cmp "$tmp/collected" "$tmp/sent"
	succeeds 'and is not empty' test -s "$tmp/sent"
done

done_testing
