#!/bin/sh
# Options that contradict each other, or have no meaning together or for a
# command, are a usage error.  All options of both programs are here.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

cd "$top" || exit

commands=$("$build/reverse" --help |
    sed -n '/^Commands/,/^$/s/^  \([a-z]*\).*/\1/p')

# needs COMMAND WORD: it does nothing without an argument of that name.
needs()
{
	"$build/reverse" help "$1" | grep -q "^usage: .* $2"
}

# takes COMMAND OPTION...: whether the client does not call that wrong usage.
# Nobody serves, and nobody is waited for.
takes()
{
	command=$1
	shift
	set -- "$command" "$@"
	case $command in
	help | list) ;;
	completion) set -- "$@" bash ;;
	*) set -- -t 0.001 "$@" ;;
	esac
	! needs "$command" TEXT || set -- "$@" text
	! needs "$command" PROCEDURE || set -- "$@" REVERSE_PING
	run "$build/reverse" "$@" </dev/null
	[ "$status" -ne 2 ]
}

# sort_commands OPTION...: sets taking and refusing, the commands for which it
# has a meaning and those for which it has none.
sort_commands()
{
	taking=
	refusing=
	for one in $commands; do
		if takes "$one" "$@"; then
			taking="$taking $one"
		else
			refusing="$refusing $one"
		fi
	done
	taking=${taking# }
	refusing=${refusing# }
}

# What each option has no meaning for.
while IFS='|' read -r options wanted; do
	# shellcheck disable=SC2086	# an option and its value
	sort_commands $options
	is "$refusing" "$wanted" "$options: commands without a use for it"
done <<'END'
--server 127.0.0.1|list dissector completion help
--port 1|list dissector completion help
--netid tcp|list dissector completion help
--netid local|list dissector completion help
--socket /none|list dissector completion help
--deadline 1|list dissector completion help
--retry 1|list dissector completion help
--json|list dissector completion help
--trace|list dissector completion help
--trace-html /none/page|list dissector completion help
--verbose|list dissector completion help
--quiet|list dissector completion help
--help|
--version|
END

# What each of the others has a meaning for, and for nothing else.
while IFS='|' read -r options wanted; do
	# shellcheck disable=SC2086	# as above
	sort_commands $options
	is "$taking" "$wanted" "$options: commands with a use for it"
done <<'END'
--unit byte|send collect spell each whole bench
--no-keep|collect whole
--no-progress|collect each whole
--skip-bad|each
--pace 1|spell
--count 2|ping bench
--connections 2|bench
--in-flight 2|bench
--size 2|bench
--messages /dev/null|bench
--duration 2|bench
--warm-up 2|bench
--rate 2|bench
--plot /none/picture|bench
--interface reverse.x|call list
END
run "$build/reverse" -u byte ping
is "$status $stdout" '2 ' 'an option before the command counts as well'
like "$stderr" '^reverse: --unit: has no meaning for ping$' 'and is named'
unlike "$("$build/reverse" help ping)" '--unit' 'the help leaves it out'
like "$("$build/reverse" help send)" '--unit' 'but where it has one'

other='--netid: a --server is of the other version of IP: leave --netid out'
# The line reads as one: what is before the command counts with what follows.
while IFS='|' read -r options wanted; do
	# shellcheck disable=SC2086	# a list of words
	run "$build/reverse" -t 0.001 $options </dev/null
	is "$status $stderr" "2 reverse: $wanted
  reverse help ${options##* } explains the command" "$options"
done <<END
-S /none -p 1 ping|--port: a Unix socket has none
-n local -p 1 ping|--port: a Unix socket has none
-S /none -s 127.0.0.1 ping|--server: a Unix socket is of this host
-n local -s 127.0.0.1 ping|--server: a Unix socket is of this host
-S /none -n udp ping|--socket: goes with --netid local, not with another
-p 1 -s 127.0.0.1:2,[::1]:3 ping|--port: every --server has its own
-n tcp -s ::1 ping|$other
-n udp -s [::1]:5 ping|$other
-n tcp6 -s 127.0.0.1 ping|$other
-n udp6 -s ::1,127.0.0.1 ping|$other
-v -q ping|--verbose: not with --quiet
-q -v ping|--quiet: not with --verbose
END
run "$build/reverse" -q ping -v
is "$status $stderr" "2 reverse: --quiet: not with --verbose
  reverse help ping explains the command" 'on both sides of the command'
run "$build/reverse" ping -i 2
like "$status $stderr" '^2 reverse: --interval: goes with a --count other' \
    'one ping has no next one'
run "$build/reverse" ping -i 2 -c 1
is "$status" 2 'asked for or not'
run "$build/reverse" bench --messages /dev/null --size 64
like "$status $stderr" '^2 reverse: --size: not with --messages' \
    'messages have sizes of their own'
run "$build/reverse" bench -c 1000 -f 66
like "$status $stderr" '^2 reverse: --in-flight: at most 65536 calls' \
    'calls in flight have a limit'
while IFS='|' read -r options wanted; do
	# shellcheck disable=SC2086	# a list of words
	run "$build/reverse" bench $options
	is "$status $stderr" "2 reverse: $wanted" "bench $options"
done <<'END'
ping --size 64|--size: has no meaning for bench ping
whoami --messages /none|--messages: has no meaning for bench whoami
whole|bench cannot call whole: reverse help bench lists what it can
END
for unit in byte line; do
	run "$build/reverse" -u "$unit" each --skip-bad
	like "$status $stderr" '^2 reverse: --skip-bad: the units byte and' \
	    "by $unit there is nothing to skip"
done
run "$build/reverse" ping --help --version
like "$status $stderr" '^2 reverse: --help: not with --version' \
    'help and version exclude each other'
while read -r options; do
	# shellcheck disable=SC2086	# a list of words
	run "$build/reverse" -t 0.001 $options </dev/null
	succeeds "$options go together" test "$status" -ne 2
done <<'END'
-n local -S /none ping
-p 1 -s 127.0.0.1:2,[::1] ping
-n tcp6 -s ::1 ping
-n udp -s 127.0.0.1 ping
-n tcp6 -s localhost ping
-q --trace ping
ping -c 0 -i 0
ping -c 2 -i 0
--json --help -q help
END

# The daemon: what its line asks for in vain.
while IFS='|' read -r options wanted; do
	# shellcheck disable=SC2086	# a list of words
	run "$build/reversed" $options
	is "$status $stderr" "2 reversed: $wanted
Try 'reversed --help'." "reversed $options"
done <<'END'
-v -q --check|--verbose: not with --quiet
-q --check -v|--quiet: not with --verbose
--check --version|--check: --check, --version and --help exclude each other
--help --version|--help: --check, --version and --help exclude each other
--version --check|--version: --check, --version and --help exclude each other
--check -l any --socket-mode 600|--socket-mode: no --listen is a Unix socket
--check -l any --socket-owner root|--socket-owner: no --listen is a Unix socket
--check -l any --datagram 512|--datagram: no --listen is over UDP
--check -l any --datagram-streams 9|--datagram-streams: no --listen is over UDP
--check -l any --datagram-lease 2|--datagram-lease: no --listen is over UDP
--check -l unix:/s -p 1|--port: every --listen has its own
--check -l udp:127.0.0.1:5 -l [::1]:5 -p 1|--port: every --listen has its own
--check --streams 1 --streams-per-client 2|--streams-per-client: above --streams
--check --streams 9 --datagram-streams 10|--datagram-streams: above --streams
--check --lease 30 --datagram-lease 31|--datagram-lease: longer than --lease
--check --spool-stream 128G|--spool-stream: above --spool-total
--check --spool-per-client 128G|--spool-per-client: above --spool-total
END
# The others say what holds whatever else does.
while read -r options; do
	# shellcheck disable=SC2086	# a list of words
	run "$build/reversed" --check $options
	is "$status" 0 "reversed $options"
done <<'END'
-v
-p 1
-l any -p 1
-l 127.0.0.1:5 -l ::1 -p 1
-l tcp:[::1] -p 1
-l any -l unix:/s --socket-mode 600 --socket-owner root
-l udp:any --datagram 512 --datagram-streams 9 --datagram-lease 2
--no-rpcbind --no-sandbox --turn-cpu --user root --spool /tmp
--connections 9 --calls 9 --output 1K --memory 1M --waiting 9 --window 4K
--streams 9 --streams-per-client 9
--streams 9 --streams-kept 99
--lease 30 --wait-time 15 --datagram-lease 30
--record-time 9 --write-time 9 --idle-time 9 --drain-time 9
--spool-total 9G --spool-per-client 9G --spool-stream 9G --spool-free 0
--spool-stream 16G
END
# A file may list all settings; the line may make some of them vain.
cat >"$tmp/conf" <<'END'
listen = any
port = 1
socket-mode = 600
datagram = 512
streams = 9
streams-per-client = 10
END
run "$build/reversed" -f "$tmp/conf" -l 127.0.0.1:5 --check
is "$status $stderr" '0 ' 'a file may say what the line makes vain'

done_testing
