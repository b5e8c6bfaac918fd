#!/bin/sh
# The daemon as an operator meets it: options, file, log, exit codes.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
needs_daemon 'what is tested is the daemon'

reversed=$build/reversed
version=$(cat "$top/VERSION")

# Where the daemon may drop to, whoever runs this test.
stay="--user root $no_sandbox"

run "$reversed" --version
is "$status $stdout" "0 reversed $version" '--version'
run "$reversed" --help
is "$status" 0 '--help exits 0'
like "$stdout" '^usage: reversed \[options\]$' 'and shows the usage'
is "$stderr" '' 'on standard output only'
run sh -c '"$1" --help >/dev/full' sh "$reversed"
is "$status" 1 'unless that is full, which is a failure'
# In blocks of 512 bytes, and without the last of them.
room=$((($("$reversed" --help | wc -c) - 1) / 512))
run sh -c 'trap "" XFSZ; ulimit -f "$1"; "$2" --help >"$3"' \
    sh "$room" "$reversed" "$tmp/help"
is "$status" 1 'or has no room for the end of it'
run env TMPDIR=here "$reversed" --check
like "$stdout" '^spool = /var/tmp  # default$' \
    'a TMPDIR that is no whole path is not used'
run "$reversed" --no-such
is "$status" 2 'an unknown option is a usage error'
like "$stderr" 'no-such' 'which is named'
run "$reversed" operand
is "$status" 2 'an operand is a usage error'
run "$reversed" -p 65536
is "$status" 2 'so is a port beyond 65535'
like "$stderr" '65535' 'and what is allowed is said'

run "$reversed" --lease 20 --check
like "$stdout" '^lease = 20  # command line$' \
    'a lease of twice the longest wait is taken'
run "$reversed" --lease 19.999 --check
is "$status" 2 'a shorter one is a usage error'
like "$stderr" 'lease: 19999 ms .* twice wait-time, which is 10000 ms' \
    'which says what the two are'
run "$reversed" --lease 19.999 --wait-time 9 --check
is "$status" 0 'unless the longest wait is shorter too'

# The file, and the line that outweighs it.
cat >"$tmp/conf" <<-CONF
# a comment
port = 4711
idle-time = 5
CONF
run "$reversed" -f "$tmp/conf" --check
is "$status" 0 '--check exits 0'
like "$stdout" '^port = 4711  # file$' 'and shows what the file sets'
like "$stdout" '^idle-time = 5  # file$' 'in the units of the file'
like "$stdout" '^user = nobody  # default$' 'and what nobody set'
printf '%s\n' "$stdout" >"$tmp/again"
run "$reversed" -f "$tmp/again" --check
is "$(printf '%s\n' "$stdout" | grep -v '^#' | sed 's/  #.*//')" \
    "$(grep -v '^#' "$tmp/again" | sed 's/  #.*//')" \
    'and what it prints is a file'
run "$reversed" -f "$tmp/conf" -p 4712 --check
like "$stdout" '^port = 4712  # command line$' 'the line outweighs the file'
echo 'prt = 1' >>"$tmp/conf"
run "$reversed" -f "$tmp/conf" --check
is "$status" 2 'a mistake in the file is a usage error'
like "$stderr" "$tmp/conf:4:.*prt" 'which names file, line and setting'
run "$reversed" -f "$tmp/none"
like "$stderr" "$tmp/none: No such file" 'a missing file is named'

# What others chose moves no terminal.
wild=$(printf 'wild\033[2J\302\233')
tame='wild\\x1b\[2J\\xc2\\x9b'
run "$reversed" "$wild"
like "$stderr" "^reversed: operand '$tame' is not expected" \
    'an operand is shown without its control characters'
run "$reversed" -f "$tmp/$wild"
like "$stderr" "/$tame: No such file" 'so is the name of a file'
run "$reversed" --check --spool "$tmp/$wild" --user "$wild"
like "$stdout" "/$tame\"  # command line\$" 'and a path by --check'
printf '%s\n' "$stdout" >"$tmp/again"
run "$reversed" -f "$tmp/again" --check
like "$stdout" "^user = \"$tame\"  # file\$" 'which can read it back'

# What it cannot listen on.
run "$reversed" --no-rpcbind -l nowhere
is "$status" 1 'an address that is none exits 1'
like "$stderr" "error .*'nowhere'" 'and is named'
run "$reversed" --no-rpcbind -l 192.0.2.55 -p 0
like "$stderr" 'error cannot listen on 192\.0\.2\.55' \
    'so is one that is not of this host'

run "$reversed" --no-rpcbind -p 0 -l 2001:db8::55
like "$stderr" 'error cannot listen on .2001:db8::55' \
    'also by IPv6, where it was asked for'
run "$reversed" --no-rpcbind -l 127.0.0.1:65535 -l 127.0.0.1:65536
like "$stderr" "error .*'127\.0\.0\.1:65536'" 'ports end with 65535'

for wrong in unix: tcp: tcp::1 :80 127.0.0.1: '[::1' '[127.0.0.1]:80'; do
	run "$reversed" --no-rpcbind -l "$wrong"
	is "$status" 1 "$wrong is no address"
	quoted=${stderr#*" '"}
	is "${quoted%%"'"*}" "$wrong" 'and is named as it was given'
done
run "$reversed" --no-rpcbind -l 127.0.0.1:29876 -l tcp:127.0.0.1:29876
is "$status" 1 'an address that is named twice exits 1'
like "$stderr" 'Address already in use.*named twice' 'and is said to be'

# It serves with everything closed that a daemon does not need.
# shellcheck disable=SC2086	# a list of words
"$reversed" --no-rpcbind -p 0 -l 127.0.0.1 $stay <&- >&- 2>"$tmp/log" &
pid=$!
wait_until 30 grep -q ' info serving ' "$tmp/log"
bound=$(sed -n 's/.*address=127\.0\.0\.1:\([0-9]*\).*/\1/p' "$tmp/log")
universal=127.0.0.1.$((bound / 256)).$((bound % 256))
succeeds 'it serves with standard input and output closed' \
    rpcinfo -a "$universal" -T tcp 544367990 1
run "$reversed" --no-rpcbind -l "127.0.0.1:$bound"
is "$status" 1 'an address in use exits 1'
like "$stderr" 'Address already in use.*-p names another port' \
    'and says what to do'
kill -TERM "$pid"
wait "$pid"
is "$?" 0 'SIGTERM ends it with exit code 0'
run grep -Evc '^[0-9-]+T[0-9:.]+Z (error|warn|info|debug) [^[:cntrl:]]+$' \
    "$tmp/log"
is "$stdout" 0 'every line of the log is one event'

# A Unix socket that is implied is left out where there is no place for it.
mkdir -m 777 "$tmp/open"
own_runtime=$RUNTIME_DIRECTORY
RUNTIME_DIRECTORY=$tmp/open
daemon_start || bail 'the daemon serves'
like "$(cat "$daemon_log")" " warn no Unix socket is served \
path=$tmp/open/$port\.sock: others than this user can change the folder$" \
    'it serves without a Unix socket, and says which and why'
daemon_stop
RUNTIME_DIRECTORY=$own_runtime

# Started under nohup(1) it outlives its terminal.  Here as below, the log is
# emptied first: a program in the background may be late to do so.
: >"$tmp/log"
# shellcheck disable=SC2086	# a list of words
(trap '' HUP && exec "$reversed" --no-rpcbind -p 0 -l 127.0.0.1 $stay) \
    2>"$tmp/log" &
pid=$!
wait_until 20 grep -q ' info serving ' "$tmp/log"
kill -HUP "$pid"
kill -TERM "$pid"
wait "$pid"
run grep -c 'draining signal=15' "$tmp/log"
is "$stdout" 1 'a SIGHUP that is ignored does not end it'

# Few descriptors: connections are fewer, and said to be.
: >"$tmp/log"
# shellcheck disable=SC2086	# a list of words
prlimit --nofile=256 "$reversed" --no-rpcbind -p 0 -l 127.0.0.1 $stay -j 1 \
    2>"$tmp/log" &
pid=$!
wait_until 30 grep -q ' info serving ' "$tmp/log"
like "$(cat "$tmp/log")" 'limited by descriptors wanted=16384 possible=192' \
    'with 256 descriptors it serves fewer, and says so'
kill -INT "$pid"
wait "$pid"
is "$?" 0 'SIGINT ends it as well'
: >"$tmp/log"
# shellcheck disable=SC2086	# a list of words
prlimit --nofile=48 "$reversed" --no-rpcbind -p 0 -l 127.0.0.1 $stay -j 4 \
    2>"$tmp/log" &
pid=$!
wait_until 30 grep -q ' info serving ' "$tmp/log"
like "$(cat "$tmp/log")" ' info serving ' 'and still with 48'
like "$(cat "$tmp/log")" 'workers limited by descriptors wanted=4 possible=1' \
    'by one worker'
kill -TERM "$pid"
wait "$pid"
run timeout "$hangs" prlimit --nofile=47 "$reversed" --no-rpcbind -p 0 \
    -l 127.0.0.1 --user root
is "$status" 1 'with fewer it exits 1'
like "$stderr" 'cannot start: 48 open descriptors are needed .*RLIMIT_NOFILE' \
    'and names the limit'

# The user it becomes, which only true root can show.
if [ "$RPCBIND_RECIPE" = root ]; then
	daemon_start -v || bail 'the daemon serves'
	is "$(stat -c %u "/proc/$daemon_pid")" 65534 'as root it becomes nobody'
	is "$(awk '/^Groups:/ { print $2 }' "/proc/$daemon_pid/status")" \
	    65534 'with the groups of nobody'
	is "$(awk '/^Cap(Prm|Eff)/ { print $2 }' "/proc/$daemon_pid/status" |
	    sort -u)" 0000000000000000 'and without capabilities'
	daemon_stop
	run "$reversed" --no-rpcbind -p 0 --user no-such-user
	is "$status" 1 'an unknown user exits 1'
	like "$stderr" 'error user no-such-user is unknown' 'and is named'
	mkdir "$tmp/nobodys" && chown 65534 "$tmp/nobodys"
	# From a copy: others may not get at what lies in this tree.
	cp "$reversed" "$tmp"
	run setpriv --reuid 65534 --clear-groups "$tmp/reversed" --no-rpcbind \
	    -l "unix:$tmp/nobodys/socket" --socket-owner root
	like "$stderr" "error cannot listen on '$tmp/nobodys/socket': the file \
cannot be given to its owner$" 'only root can give a Unix socket away'
	run "$reversed" --no-rpcbind -l "unix:$tmp/nobodys/socket" \
	    --socket-owner root
	like "$stderr" "error cannot listen on '$tmp/nobodys/socket': others \
than this user can change the folder$" 'and not where others could replace it'
else
	skip 7 'becoming another user needs namespaces made by root'
fi

# What it greets with are the limits in force.
daemon_start --window 65539 --wait-time 5 --lease 10.5 ||
    bail 'the daemon serves'
run reverse --json greet
like "$stdout" '"window": ?65536,.*"wait_max_ms": ?5000, ?"lease_ms": ?10500' \
    'clients are told the limits in force'
daemon_stop

# The longest turn is told when it is asked for, and at the end.
daemon_start --turn-cpu || bail 'the daemon serves'
run reverse ping
kill -USR1 "$daemon_pid"
wait_until 20 grep -q ' info turns: ' "$daemon_log"
daemon_stop
like "$(grep -c ' info turns: [1-9][0-9]*, longest [0-9]* us of CPU$' \
    "$daemon_log")" '^2$' 'it tells how long its turns were'

# Descriptors: sockets of each kind, and what rpcbind, the spool, signals and
# time need.  Whatever it may start one day gets none of them.
# shellcheck disable=SC2317	# called by wait_until
has_spooled()
{
	named "$daemon_pid" | grep -q '(deleted)'
}

# named PROCESS: its descriptors, and what they are of.
named()
{
	for link in "/proc/$1/fd"/*; do
		echo "${link##*/} $(readlink "$link")"
	done
}

# left_open: those that the daemon would leave to a program that it starts, but
# for the first three and what it was left itself.
left_open()
{
	named "$daemon_pid" | grep -vxFf "$tmp/given" |
	    while read -r fd name; do
		flags=$(sed -n 's/^flags:[[:blank:]]*//p' \
		    "/proc/$daemon_pid/fdinfo/$fd")
		[ "$fd" -lt 3 ] || [ $((flags & 02000000)) -ne 0 ] ||
		    echo "$fd $name"
	done
}

named $$ >"$tmp/given"
mkdir -m 777 "$tmp/spool"
daemon_start --spool "$tmp/spool" || bail 'the daemon serves'
mkfifo "$tmp/in"
reverse -n local whole <"$tmp/in" >"$tmp/out" 2>"$tmp/errors" &
client=$!
exec 3>"$tmp/in"
head -c 3000000 /dev/zero >&3
wait_until 10 has_spooled
run named "$daemon_pid"
kinds='eventpoll|timerfd|eventfd|signalfd|/dev/null|deleted|socket'
is "$(printf '%s\n' "$stdout" | grep -oE "$kinds" | sort -u | wc -l)" 7 \
    'it has descriptors of each kind'
is "$(left_open)" '' 'and would leave none to a program that it starts'
exec 3>&-
wait "$client"
is "$?" 0 'a text that went to the disk comes back'
daemon_stop

# Whoever does not want to wait for streams under way says so once more.
daemon_start --drain-time 15 || bail 'the daemon serves'
reverse -n local whole <"$tmp/in" >"$tmp/out" 2>"$tmp/errors" &
client=$!
exec 3>"$tmp/in"
echo text >&3
# shellcheck disable=SC2317	# called by wait_until
has_a_stream()
{
	reverse --json status | grep -q '"streams":1,'
}
wait_until 10 has_a_stream
kill -TERM "$daemon_pid"
wait_until 10 grep -q ' info draining signal=15 ' "$daemon_log"
kill -TERM "$daemon_pid"
daemon_wait
like "$(cat "$daemon_log")" ' info stopping at once signal=15$' \
    'a second signal ends it'
unlike "$(cat "$daemon_log")" 'ending streams under way' \
    'while streams are under way'
kill "$client"
exec 3>&-
wait "$client" 2>"$tmp/errors"

# Every address, and another host that calls.
if [ "$RPCBIND_RECIPE" = none ]; then
	skip 3 'a second node needs namespaces'
else
	daemon_start -l any || bail 'the daemon serves'
	two_nodes
	succeeds 'another host finds and calls it over IPv4' \
	    on_peer rpcinfo -T tcp "$node4" 544367990 1
	succeeds 'and over IPv6' on_peer rpcinfo -T tcp6 "$node6" 544367990 1
	run on_peer rpcinfo "$node4"
	like "$stdout" '544367990 +1 +tcp +0\.0\.0\.0\.80\.246 ' \
	    'with the universal address of any'
	daemon_stop
fi

done_testing
