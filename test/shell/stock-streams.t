#!/bin/sh
# Every call mode from a client that knows reverse.x and nothing of this tree:
# test/stock/client.py, with the standard library of Python alone.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

# by_hand MODE ARGUMENT...: runs the client against the daemon.
by_hand()
{
	run python3 -B "$top/test/stock/client.py" 127.0.0.1 "$port" "$@"
}

mkdir -m 777 "$tmp/spool"
daemon_start --spool "$tmp/spool" || bail 'the daemon serves'

is "$(wc -l <"$top/test/stock/client.py" | awk '$1 < 150')" \
    "$(wc -l <"$top/test/stock/client.py")" 'the client is under 150 lines'
header=$(sed -n '/">10I"/,/arguments/p' "$top/test/stock/client.py")
like "$header" 'xid, CALL, RPC_VERSION, PROGRAM, VERSION, procedure,$' \
    'it has a name for each word of the header'
unlike "$header" '[ (][0-9]+[,)]' 'and no number'
succeeds 'a server by hand is under 400' \
    test "$(wc -l <"$top/test/stock/server.py")" -lt 400
by_hand send 'so far'
is "$status $stdout" '0 raf os' 'a message'
by_hand collect ab cd ef
is "$status $stdout" '0 fedcba' 'many messages, one answer'
by_hand spell abc
is "$status $(echo "$stdout" | tr '\n' ' ')" '0 c b a ' \
    'one message, many answers'
by_hand each one two three
is "$status $(echo "$stdout" | tr '\n' ' ')" '0 eno owt eerht ' \
    'many messages, an answer each'
by_hand each one "$(printf 'two\377')"
is "$status $stdout" '1 eno' 'what precedes bad input is answered'
like "$stderr" 'status 3: not UTF-8 \(message 1, byte 3\)' \
    'and the place of the bad input is named'

# Long enough to go through the disk.
awk 'BEGIN { for (i = 0; i < 300000; i++) print "line", i }' >"$tmp/text"
by_hand whole "$tmp/text"
is "$status" 0 'a text larger than memory'
rev "$tmp/text" | tac | tr -d '\n' | cksum >"$tmp/want"
printf '%s' "$stdout" | tr -d '\n' | cksum >"$tmp/got"
succeeds 'comes back reversed' cmp "$tmp/want" "$tmp/got"
is "$(find "$tmp/spool" -type f)" '' 'and leaves no file behind'

# The same by the stubs of rpcgen and libtirpc's handles, a program a mode.

# built NAME: by the commands that the head of the file gives.
# shellcheck disable=SC2317	# called by succeeds
built()
{
	mkdir "$tmp/$1" && cd "$tmp/$1" || return
	cp "$top/reverse.x" "$top/test/stock/$1.c" . || return
	sed -n 's/^ \*	\(rpcgen\|cc\) /\1 /p' "$1.c" >commands
	[ "$(wc -l <"$1.c")" -lt 80 ] && sh -e commands
}

# says WANT NAME ARGUMENT...: what the program prints, its lines ended by /.
says()
{
	want=$1
	name=$2
	shift 2
	run "$tmp/$name/a.out" 127.0.0.1 "$@"
	is "$status $(echo "$stdout" | tr '\n' '/')" "0 $want" "$name"
}

if ! is_daemon; then
	skip 10 'needs the daemon: it registers with rpcbind'
elif [ "$RPCBIND_RECIPE" = none ]; then
	skip 10 'no rpcbind of its own: needs namespaces and rpcbind'
else
	for name in collect spell each duplex whole; do
		succeeds "$name builds by two commands from under 80 lines" \
		    built "$name"
	done
	says fedcba/ collect ab cd ef
	says c/b/a/ spell abc
	says eno/owt/eerht/ each one two three
	says eno/owt/eerht/ duplex one two three
	"$tmp/whole/a.out" 127.0.0.1 <"$tmp/text" | tr -d '\n' |
	    cksum >"$tmp/got"
	succeeds whole cmp "$tmp/want" "$tmp/got"
fi

done_testing
