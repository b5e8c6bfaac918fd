#!/bin/sh
# The command line and servers that are odd: test/lib/odd-server.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

odd=

# is_odd ODDITY: such a server, instead of the last one; the client calls it.
is_odd()
{
	odd_ends
	: >"$tmp/odd"
	python3 -B "$top/test/lib/odd-server" "$1" "$port" >"$tmp/odd" &
	odd=$!
	wait_until 20 test -s "$tmp/odd" || bail "no server that is $1"
	at="-s 127.0.0.1:$(head -n 1 "$tmp/odd") $(asked_for)"
}

odd_ends()
{
	[ -z "$odd" ] || kill "$odd"
	odd=
}
at_exit odd_ends

# sent LESS: of each answer less was sent, and there was one.
# shellcheck disable=SC2317	# called by wait_until
sent()
{
	awk -v "less=$1" '$1 == "sent" { if ($2 >= less) exit 1; n++ }
	    END { exit n == 0 }' "$tmp/odd"
}

daemon_start || bail 'the daemon does not start'
seq 2000 >"$tmp/text"
rev "$tmp/text" >"$tmp/reversed"
tac "$tmp/text" >"$tmp/upwards"

# What is no answer is taken for none.
for oddity in empty unended; do
	is_odd "$oddity"
	# The one ends the call, the other never comes to an end.
	limit=
	[ "$oddity" = empty ] || limit='-t 0.2'
	for command in 'send abc' status ping greet describe whoami \
	    'spell abc' "each $tmp/text" "collect $tmp/text" \
	    "whole $tmp/text"; do
		# shellcheck disable=SC2086	# a list of words
		run reverse $limit $command
		case $oddity:$status:$stdout in
		empty:3:|unended:4:)
			pass "$oddity: ${command%% *} has no result"
			;;
		*)
			fail "$oddity: ${command%% *} has no result"
			diag "exit code $status: $stdout $stderr"
			;;
		esac
	done
done
is_odd empty
run reverse send abc
like "$stderr" 'nobody there has answered as a reverse server does' \
    'two empty fragments are the answer of nobody'

# The kernels on both sides hold some MiB of what nobody reads.
for oddity in endless huge; do
	is_odd "$oddity"
	run reverse send abc
	is "$status $stdout" '3 ' "$oddity: the connection is left"
	run reverse each "$tmp/text"
	is "$status $stdout" '3 ' "$oddity: by a stream as well"
	succeeds "$oddity: of 1 GiB no more than a record is taken" \
	    wait_until 20 sent $((32 * 1024 * 1024))
done

# A server that knows no AUTH_SYS.
is_odd no-sys
run reverse whoami
is "$status $(head -n 1 "$tmp/stdout")" '0 flavor: AUTH_NONE' \
    'who knows no AUTH_SYS is called without'
is "$stderr" '' 'and nothing is said of it'
run reverse -v whoami
like "$stderr" 'does not accept AUTH_SYS \(AUTH_TOOWEAK\)' 'but with -v'
run reverse each "$tmp/text"
same "$tmp/stdout" "$tmp/reversed" 'each is done'
run reverse --sec sys whoami
is "$status $stdout" '1 ' '--sec sys is not gone back on'
like "$stderr" 'not accept the credential of this user: AUTH_TOOWEAK$' \
    'which is said'
run reverse --sec none --trace whoami
is "$status $(grep -c 'trace: REVERSE_WHOAMI' "$tmp/stderr")" '0 1' \
    '--sec none needs no second call'
is_odd denies
run reverse send abc
is "$status $stdout" '1 ' 'who denies both is exit code 1'
like "$stderr" 'the server wants more than AUTH_SYS$' 'and why is said'
run reverse each "$tmp/text"
like "$stderr" 'the server wants more than AUTH_SYS$' 'by a stream as well'

# A message may have 1000 bytes: what is longer, or has several lines, goes in
# pieces.
is_odd short
head -c 5000 /dev/zero | tr '\0' x | sed 's/$/y/' >"$tmp/long"
cat "$tmp/text" "$tmp/long" "$tmp/text" >"$tmp/mixed"
rev "$tmp/mixed" >"$tmp/wanted"
run reverse each "$tmp/mixed"
same "$tmp/stdout" "$tmp/wanted" 'each takes a line in pieces'
is "$status $stderr" '0 ' 'and is done'
run reverse -u line collect "$tmp/text"
same "$tmp/stdout" "$tmp/upwards" 'collect'
run reverse -u byte collect "$tmp/long"
is "$(wc -c <"$tmp/stdout") $(tail -c 1 "$tmp/stdout")" '5001 x' \
    'collect cuts a line'
run reverse -u line whole "$tmp/text"
same "$tmp/stdout" "$tmp/upwards" 'whole'
run reverse spell "$(head -c 1001 /dev/zero | tr '\0' x)"
is "$status" 1 'spell does not'
like "$stderr" 'message 0 is longer than this server takes, 1000 bytes' \
    'and says so'

# at_terminal COMMAND...: the client, whose standard output is one.
# shellcheck disable=SC2317	# called by run
at_terminal()
{
	# shellcheck disable=SC2046,SC2086	# both are lists of words
	python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' \
	    ${TEST_WRAPPER-} "$build/reverse" $(options_for "$@") "$@" \
	    </dev/null
}

# A server's words move no terminal.  For whoever reads a file they are data.
is_odd wild
run at_terminal describe
tr -d '\r' <"$tmp/stdout" >"$tmp/shown"
printf 'one\n\tt\303\266w\\x1b[2J\\x0d\\x07\\xc2\\x9bthree\\xff\n\nend' \
    >"$tmp/wanted"
same "$tmp/shown" "$tmp/wanted" 'describe escapes what would move a terminal'
run reverse describe
printf 'one\n\tt\303\266w\033[2J\r\a\302\233three\377\n\nend' >"$tmp/wanted"
same "$tmp/stdout" "$tmp/wanted" 'and nothing elsewhere'

# How well a deadline is kept, test/unit/client/driver shows.
is_odd hangs
began=$(monotonic)
run reverse -t 1 each "$tmp/text"
took=$(($(monotonic) - began))
is "$status $stdout" '4 ' 'a stream that hangs is exit code 4'
succeeds "at its deadline: $took" \
    test "$took" -ge 100 -a "$took" -lt $((1100 * ${TEST_PATIENCE:-1}))

done_testing
