#!/bin/sh
# The textbook client and server: what a seminar would write, built as a
# seminar would build it, from reverse.x and no other file of this tree.

# shellcheck disable=SC2317	# the functions are called by succeeds
# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
needs_daemon 'it registers with rpcbind'
needs_rpcbind

program=544367990
long=$(printf '%0100000d' 0)

# build_textbook NAME: by the commands that the head of the file gives.
build_textbook()
{
	mkdir "$tmp/$1" && cd "$tmp/$1" || return
	cp "$top/reverse.x" "$top/test/stock/$1.c" . || return
	sed -n 's/^ \*	\(rpcgen\|cc\) /\1 /p' "$1.c" >commands
	[ "$(wc -l <commands)" -eq 2 ] && sh -e commands
}

# reverses_long: a text that makes a call of several fragments.
reverses_long()
{
	"$tmp/client/a.out" 127.0.0.1 "$long" | grep -qx "text: $long"
}

# registered: rpcbind knows a server, and it answers.
registered()
{
	rpcinfo -t 127.0.0.1 "$program" 1
}

succeeds 'the server builds by two commands' build_textbook server
succeeds 'the client builds by two commands' build_textbook client
succeeds 'the server is shorter than 80 lines' \
    test "$(wc -l <"$top/test/stock/server.c")" -lt 80
succeeds 'the client is shorter than 80 lines' \
    test "$(wc -l <"$top/test/stock/client.c")" -lt 80
[ -x "$tmp/server/a.out" ] || bail 'no server to go on with'
[ -x "$tmp/client/a.out" ] || bail 'no client to go on with'

"$tmp/server/a.out" &
textbook=$!
at_exit "kill $textbook 2>/dev/null"
wait_until 20 registered
run "$tmp/client/a.out" 127.0.0.1 'Grüße, Welt'
is "$status" 0 'the client calls its own server'
like "$stdout" '^text: tleW ,eßürG$' 'which reverses'
succeeds 'a text of several fragments too' reverses_long

# It has no streams.
for name in collect spell each duplex whole; do
	build_textbook "$name"
	run timeout "$hangs" "$tmp/$name/a.out" 127.0.0.1 one </dev/null
	like "$status $stderr" '^1 a\.out: open: status 12$' \
	    "$name says that it is refused"
done
kill "$textbook"
wait "$textbook" 2>/dev/null

# It never learnt to unregister.
succeeds 'its registration is removed' rpcinfo -d "$program" 1

daemon_start || bail 'the daemon does not start'
run "$tmp/client/a.out" 127.0.0.1 'Grüße, Welt'
is "$status" 0 'the client calls all that the daemon offers'
unlike "$stdout" 'failed with status' 'and nothing fails'
like "$stdout" '^ping: answered$' 'ping'
like "$stdout" '^greet: .*message' 'greet asks for a message'
like "$stdout" '^text: tleW ,eßürG$' 'text'
like "$stdout" '^status: 1$' 'status: serving'
like "$stdout" '^describe: /\*$' 'describe: the interface begins'
like "$stdout" 'version REVERSE_V1' 'and goes on to the end'
like "$stdout" '^whoami: 0$' 'whoami: AUTH_NONE'
succeeds 'a text of several fragments' reverses_long
run "$tmp/client/a.out" 127.0.0.1 "$(printf 'ill-formed \377')"
like "$stdout" '^text: failed with status 3$' 'a failure of the application'

# A stream that cannot go on ends, whoever waits for it.
run timeout "$hangs" "$tmp/duplex/a.out" 127.0.0.1
is "$status $stdout$stderr" '0 ' 'duplex without a text ends'
bad=$(printf 'two \377')
for name in each duplex; do
	run timeout "$hangs" "$tmp/$name/a.out" 127.0.0.1 one "$bad" three
	is "$status $stdout" '1 eno' "$name ends with a text that is refused"
	like "$stderr" '^a\.out: ended with status 3$' 'and says so'
done
daemon_stop
is "$status" 0 'the daemon ends'

# mine: builds the client of README.md.
mine()
{
	cd "$tmp/client" || return
	sed -n "/>build\/mine\/mine.c <<'END'/,/^END/p" "$top/README.md" |
	    sed '1d;$d' >mine.c
	cc -I/usr/include/tirpc mine.c reverse_clnt.c reverse_xdr.c \
	    -o mine -ltirpc
}

succeeds 'the client of README.md builds' mine
run "$tmp/client/mine"
is "$status $stdout" '1 ' 'without a server it fails'
like "$stderr" '^mine: localhost: RPC: Program not registered' 'and says why'

done_testing
