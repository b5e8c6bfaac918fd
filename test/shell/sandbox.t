#!/bin/sh
# What the daemon gives up before it serves, and that it serves all the same.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
needs_daemon 'what is tested is the daemon'

[ "${TEST_SANDBOX-}" != no ] || skip_all 'TEST_SANDBOX=no'
mkdir -m 777 "$tmp/spool"
seq 400000 >"$tmp/text"

# state_of FILE...: what the kernel says of each thread, all that differ.
state_of()
{
	sed -n -e 's/^NoNewPrivs:[[:space:]]*/privileges /p' \
	    -e 's/^Seccomp:[[:space:]]*/calls /p' "$@" | sort -u | xargs
}

# Of all signals a thread may block but one: the number is that of a bit.
# shellcheck disable=SC2317	# called through succeeds
can_tell()
{
	python3 - "$@" <<-'PROGRAM'
	import re, signal, sys
	for path in sys.argv[1:]:
	    blocked = re.search(r"SigBlk:\s*(\w+)", open(path).read())[1]
	    assert not int(blocked, 16) >> (signal.SIGSYS - 1) & 1, path
	PROGRAM
}

daemon_start --spool "$tmp/spool" || bail 'the daemon serves'
if grep -E 'no (seccomp|landlock): (Function not|Operation not|Invalid)' \
    "$daemon_log" >"$tmp/lacking"; then
	skip_all 'the kernel has not all of it'
fi
like "$(cat "$daemon_log")" \
    'Z info sandbox seccomp=yes landlock=abi[0-9]+ no_new_privs=yes$' \
    'the log says what is in force'
run "$build/reversed" --check
like "$stdout" '^sandbox = yes  # default$' '--check shows that there is one'
run "$build/reversed" --no-sandbox --check
like "$stdout" '^sandbox = no  # command line$' 'unless it is switched off'

run reverse send abc
is "$status $stdout$stderr" '0 cba' 'a message comes back'
succeeds 'and a text that is too long for memory' \
    reverse -u line whole "$tmp/text"
tac "$tmp/text" | cmp -s - "$tmp/stdout"
is "$?" 0 'as it should be'

set -- /proc/"$daemon_pid"/task/*/status
threads=2
[ "$RPCBIND_RECIPE" = none ] || threads=3
is "$(($# >= threads))" 1 'by then it has threads for rpcbind and the disk'
is "$(state_of "$@")" 'calls 2 privileges 1' 'and all of them are in it'
succeeds 'none of which could be denied a call without a word' can_tell "$@"
daemon_stop
is "$status" 0 'it ends well'

daemon_start --spool "$tmp/none" || bail 'the daemon serves'
like "$(cat "$daemon_log")" \
    " warn sandbox leaves $tmp/none closed: No such file or directory" \
    'without a folder for the spool it serves, and says so'
mkdir -m 777 "$tmp/none"
run reverse whole "$tmp/text"
is "$status" 1 'a text that is too long for memory is refused'
like "$(cat "$daemon_log")" ' warn spool failed operation=write: Permission' \
    'and the log says why'
daemon_stop

daemon_start --no-sandbox || bail 'the daemon serves'
like "$(cat "$daemon_log")" 'Z info no sandbox: --no-sandbox$' \
    'the log says that there is none'
is "$(state_of "/proc/$daemon_pid/status")" "$(state_of /proc/self/status)" \
    'and nothing is given up'
daemon_stop

done_testing
