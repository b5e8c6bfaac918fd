#!/bin/sh
# The command line over UDP: every command, texts that are too long for it, a
# network that loses and doubles, a server that is killed.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

mkfifo "$tmp/in"

# What stays on a datagram until it is too long for one, and what goes on.
python3 - "$tmp" <<'END'
import os
import sys
M = 8192
os.chdir(sys.argv[1])
lines = [b"a\n", b"b" * (M - 1) + b"c\r\n", b"x" + b"d" * M + b"\r\n", b"e\n",
         b"f" * 3 * M + b"g\n", b"h" * M + b"\r", b"i\n", b"j" * M + b"k\n",
         b"l" * 20 * M + b"\r\n", b"m" * M + b"n"]
with open("lines", "wb") as text, open("senil", "wb") as wanted:
    text.writelines(lines)
    for line in b"".join(lines).split(b"\n"):
        end = b"\r" if line.endswith(b"\r") else b""
        wanted.write(line[:len(line) - len(end)][::-1] + end + b"\n")
    wanted.seek(-1, 2)
    wanted.truncate()
for name, size in ("fits", M), ("long", M + 1), ("vast", 66000):
    with open(name, "wb") as text:
        text.write(b"a" * (size - 1) + b"b")
with open("bad", "wb") as text:
    text.write(b"one\n" + b"two" * M + b"\n" + b"three" * M + b"\377")
END
seq 20000 >"$tmp/numbers"
rev "$tmp/numbers" >"$tmp/srebmun"
tac "$tmp/numbers" >"$tmp/upwards"
head -n 1000 "$tmp/numbers" >"$tmp/few"
tac "$tmp/few" >"$tmp/wef"

# has_said LINE: it is the client's last line of output.
# shellcheck disable=SC2317	# called by wait_until
has_said()
{
	[ "$(tail -n 1 "$tmp/said")" = "$1" ]
}

# has_exchanged COUNT: so many calls of its stream have been answered.
# shellcheck disable=SC2317	# called by wait_until
has_exchanged()
{
	[ "$(grep -c '^trace: REVERSE_EXCHANGE' "$tmp/errors")" -ge "$1" ]
}

# begin COMMAND...: the client in the background; its standard input is
# $tmp/in, which stays open as 3.
begin()
{
	# In the background they may still be what the last one said.
	: >"$tmp/said"
	: >"$tmp/errors"
	# shellcheck disable=SC2086	# both are lists of words
	env --default-signal=INT ${TEST_WRAPPER-} "$build/reverse" $at "$@" \
	    <"$tmp/in" >"$tmp/said" 2>"$tmp/errors" &
	client=$!
	exec 3>"$tmp/in"
}

# answers LINE ANSWER: the client reads the one and says the other.
answers()
{
	echo "$1" >&3
	wait_until 20 has_said "$2"
}

# ended: its exit code is left in status, its messages in stderr.
ended()
{
	status=0
	wait "$client" || status=$?
	stderr=$(cat "$tmp/errors")
}

# What a server inherits would never end for the client.
start()
{
	daemon_start "$@" 3>&- || bail 'the daemon does not start'
}

dies()
{
	kill -KILL "$daemon_pid"
	wait "$daemon_pid" 2>"$tmp/killed"
	daemon_pid=
}

# carries NETID TCP: all that can be said over UDP; -n TCP says more.
carries()
{
	run reverse -n "$1" greet
	like "$stdout" '^longest message: 8192 bytes$' \
	    "$1: greet tells what UDP carries"
	run reverse -n "$1" send 'Grüße, Welt'
	is "$status $stdout" '0 tleW ,eßürG' "$1: send"
	run reverse -n "$1" ping
	like "$stdout" ":$port in " "$1: ping"
	run reverse -n "$1" status
	like "$stdout" '^state: serving$' "$1: status"
	run reverse -n "$1" whoami
	like "$stdout" '^address: ' "$1: whoami"
	run reverse -n "$1" spell abc
	is "$status $stdout" "0 $(printf 'c\nb\na')" "$1: spell"
	printf 'one\ntwo' >"$tmp/text"
	run reverse -n "$1" collect "$tmp/text"
	is "$status $stdout" "0 $(printf 'owt\neno')" "$1: collect"
	run reverse -n "$1" each "$tmp/numbers"
	same "$tmp/stdout" "$tmp/srebmun" "$1: each"
	run reverse -n "$1" each "$tmp/lines"
	same "$tmp/stdout" "$tmp/senil" "$1: each of lines too long for it"
	run reverse -n "$1" -u line whole "$tmp/numbers"
	same "$tmp/stdout" "$tmp/upwards" "$1: whole"
	run reverse -n "$1" describe
	is "$status" 1 "$1: describe is too long"
	like "$stderr" "OUT_OF_RANGE: .*: use TCP \\(-n $2\\)" 'and says so'
}

# fits COMMAND...: what comes back is the 8192 bytes backwards, given by the
# command from standard input.
fits()
{
	reverse -n udp "$@" <"$tmp/fits" >"$tmp/stdout"
	printf 'b%08191d' 0 | tr 0 a >"$tmp/wanted"
	same "$tmp/stdout" "$tmp/wanted" "$1: 8192 bytes fit"
}

# is_told WORDS NAME: the server or the client refused, and advised.
is_told()
{
	is "$status" 1 "$2"
	like "$stderr" "$1" 'and says so'
}

start
carries udp tcp
if [ "$(cat /proc/sys/net/ipv6/conf/lo/disable_ipv6 2>&1)" = 0 ]; then
	carries udp6 tcp6
else
	skip 12 'no IPv6'
fi
fits send
fits collect
run reverse -n udp send <"$tmp/long"
is_told 'OUT_OF_RANGE: .* 8192 bytes .*: use TCP \(-n tcp\)' \
    'send: one more does not'
run reverse -n udp send <"$tmp/vast"
is_told 'too long for this transport; use -n tcp' \
    'send: nor what no datagram holds'
run reverse -n udp spell "$(cat "$tmp/long")"
is_told 'OUT_OF_RANGE: message 0 .* 8192 bytes: use TCP \(-n tcp\)' \
    'spell: one more does not'
run reverse -n udp collect "$tmp/long"
is_told 'OUT_OF_RANGE: .*: use TCP \(-n tcp\)' 'collect: one more does not'
run reverse -n udp collect "$tmp/bad"
like "$stderr" "bad, line 3, byte 40960: " \
    'collect: lines that were cut are counted as lines'
run reverse -n udp each "$tmp/bad"
like "$stderr" "bad, line 3, byte 40960: " 'as are those of each'
is "$(head -n 2 "$tmp/stdout" | wc -c)" 24581 'of which none before is lost'
run reverse -n udp each --skip-bad "$tmp/bad" "$tmp/few"
like "$stderr" "bad, line 3, byte 40960: " 'a line that is skipped is named'
is "$status $(tail -n +3 "$tmp/stdout" | head -n 2 | tr '\n' ,)" '1 1,2,' \
    'and what follows it is not lost'

# A stream that is not gone on with in time is gone; this one is.  The five
# calls that wait take longer than the lease.
daemon_stop
patience=${TEST_PATIENCE:-1}
start --datagram-lease "$((2 * patience))" --lease "$((2 * patience))" \
    --wait-time "$((patience / 2)).5"
begin -n udp --trace each
succeeds 'each answers before the input ends' answers abc cba
if is_daemon; then
	succeeds 'a lease is renewed while the input is silent' \
	    wait_until 20 has_exchanged 5
else
	skip 1 'needs the daemon: it is told how long a lease is'
fi
succeeds 'and what comes then is answered' answers def fed
exec 3>&-
ended
is "$status $(grep -c '^trace: REVERSE_OPEN' "$tmp/errors")" '0 1' \
    'by the one stream'

# Interrupts.
begin -n udp each
answers abc cba
kill -INT "$client"
ended
exec 3>&-
is "$status" 130 'Ctrl-C is exit code 130'
run reverse -n udp --json status
like "$stdout" '"streams":0,' 'and ends the stream'

# Servers that die.
begin -n udp each
answers abc cba
dies
start
succeeds 'each goes on with another server' answers def fed
dies
start
succeeds 'and with the next' answers ghi ihg
exec 3>&-
ended
is "$status $(cat "$tmp/said")$stderr" "0 $(printf 'cba\nfed\nihg')" \
    'nothing twice'
dies
run reverse -n udp ping
is "$status" 3 'where nobody is there it is exit code 3'
start

# through HOST LOSS DOUBLING: the client gets to the server there by it.
through()
{
	rm -f "$tmp/through"
	"$top/test/lib/weather" "$1" "$port" "$2" "$3" >"$tmp/through" &
	through_pid=$!
	at_exit "kill $through_pid 2>/dev/null"
	wait_until 20 test -s "$tmp/through" || bail 'there is no weather'
	at="-s $1 -p $(cat "$tmp/through") $(asked_for)"
}

# weathers LOSS DOUBLING NAME
weathers()
{
	was_at=$at
	through 127.0.0.1 "$1" "$2"
	run reverse -n udp each "$tmp/few"
	rev "$tmp/few" >"$tmp/wanted"
	same "$tmp/stdout" "$tmp/wanted" "each $3"
	run reverse -n udp -u line whole "$tmp/numbers"
	same "$tmp/stdout" "$tmp/upwards" "whole $3"
	run reverse -n udp -u line collect "$tmp/few"
	same "$tmp/stdout" "$tmp/wef" "collect $3"
	run reverse -n udp spell abc
	is "$status $stdout" "0 $(printf 'c\nb\na')" "spell $3"
	kill "$through_pid"
	at=$was_at
}

weathers 0 100 'when every datagram comes twice'
weathers 10 0 'when one in ten is lost'
weathers 30 30 'when a third is lost and a third comes twice'

# A path whose fragments get lost: the kernel cuts what is longer than 1500.
if ip link set lo mtu 1500 2>/dev/null; then
	python3 -B -c '
import select, socket, sys
server = ("127.0.0.1", int(sys.argv[1]))
near, far = (socket.socket(type=socket.SOCK_DGRAM) for _ in range(2))
near.bind(("127.0.0.1", 0))
print(near.getsockname()[1], file=open(sys.argv[2], "w"))
while True:
    for ready in select.select([near, far], [], [])[0]:
        datagram, who = ready.recvfrom(65536)
        if ready is near:
            client = who
        if len(datagram) <= 1472:
            (near.sendto(datagram, client) if ready is far
             else far.sendto(datagram, server))' "$port" "$tmp/narrow" &
	narrow=$!
	at_exit "kill $narrow 2>/dev/null"
	wait_until 20 test -s "$tmp/narrow"
	at="-s 127.0.0.1 -p $(cat "$tmp/narrow") $(asked_for)"
	head -c 20000 "$tmp/numbers" >"$tmp/some"
	tac "$tmp/some" >"$tmp/wanted"
	run reverse -n udp -u line whole "$tmp/some"
	same "$tmp/stdout" "$tmp/wanted" \
	    'whole goes on in pieces that its path carries'
	is "$status $stderr" '0 ' 'and is done'
	head -c 5000 /dev/zero | tr '\0' a >"$tmp/long"
	run reverse -n udp spell "$(cat "$tmp/long")"
	is_told 'message 0 does not fit a datagram of this path, [0-9]+ bytes' \
	    'spell: a text that its path does not carry'
	head -c 20000 "$tmp/numbers" |
	    reverse -n udp -u line whole >"$tmp/stdout"
	same "$tmp/stdout" "$tmp/wanted" 'a pipe as well'
else
	skip 5 'no other MTU'
fi

done_testing
