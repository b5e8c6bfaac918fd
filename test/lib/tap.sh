# Test library for the shell: TAP on standard output, for prove.
#
# A test sources this file, states one fact a line with is, like, succeeds and
# their kin, and ends with done_testing; a test that dies before that has no
# plan, and so fails.
#
#   top     the source tree           build   where the programs are
#   tmp     a directory of this test, removed at its end
#
# Deadlines are multiplied by TEST_PATIENCE, for builds that run slower.
#
# shellcheck shell=sh

top=$(cd "${0%/*}/../.." && pwd) || exit 1
build=${BUILD:-build}
case $build in
/*) ;;
*) build=$top/$build ;;
esac
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C.UTF-8
export PATH LC_ALL
unset CDPATH NO_COLOR MESSAGE

tap_count=0
tap_failed=0
tap_exit_hooks=

tmp=$(mktemp -d "${TMPDIR:-/tmp}/reverse-test.XXXXXX") || exit 1

# A program that drops its privileges must still get at what lies in tmp.
chmod 755 "$tmp" || exit 1

# at_exit COMMAND: evaluate COMMAND when the test ends, last given first.
at_exit()
{
	tap_exit_hooks="$1; $tap_exit_hooks"
}

tap_exit()
{
	tap_status=$?
	trap - EXIT HUP INT TERM
	eval "$tap_exit_hooks"
	rm -rf "$tmp"
	exit "$tap_status"
}

trap tap_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# diag TEXT: a line, or several, for whoever reads a failure.
diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

pass()
{
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s\n' "$tap_count" "$1"
}

fail()
{
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$1"
}

# is GOT WANTED NAME: both strings are the same.
is()
{
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3"
		diag "got:    $1"
		diag "wanted: $2"
	fi
}

# like GOT ERE NAME: some line of GOT matches the extended expression.
like()
{
	if printf '%s\n' "$1" | grep -Eq -e "$2"; then
		pass "$3"
	else
		fail "$3"
		diag "got: $1"
		diag "which has no line like: $2"
	fi
}

# unlike GOT ERE NAME: no line of GOT matches.
unlike()
{
	if printf '%s\n' "$1" | grep -Eq -e "$2"; then
		fail "$3"
		diag "got: $1"
		diag "which has a line like: $2"
	else
		pass "$3"
	fi
}

# same FILE1 FILE2 NAME: both files hold the same bytes.
same()
{
	if tap_difference=$(cmp "$1" "$2" 2>&1); then
		pass "$3"
	else
		fail "$3"
		diag "$tap_difference"
	fi
}

# succeeds NAME COMMAND...: the command exits 0; its output is shown if not.
succeeds()
{
	tap_name=$1
	shift
	run "$@"
	if [ "$status" -eq 0 ]; then
		pass "$tap_name"
	else
		fail "$tap_name"
		diag "exit $status: $*"
		diag "$stdout"
		diag "$stderr"
	fi
}

# run COMMAND...: leaves its exit code in status, what it wrote in stdout and
# stderr (less the newlines at the end), and to the byte in the files
# $tmp/stdout and $tmp/stderr.
run()
{
	status=0
	"$@" >"$tmp/stdout" 2>"$tmp/stderr" || status=$?
	# A NUL cannot be in a variable; the files have it.
	stdout=$(tr -d '\000' <"$tmp/stdout")
	stderr=$(tr -d '\000' <"$tmp/stderr")
}

# skip COUNT WHY: stands for COUNT facts that cannot be tested here.
skip()
{
	tap_left=$1
	while [ "$tap_left" -gt 0 ]; do
		tap_count=$((tap_count + 1))
		printf 'ok %d # SKIP %s\n' "$tap_count" "$2"
		tap_left=$((tap_left - 1))
	done
}

# skip_all WHY: nothing in this file can be tested here.
skip_all()
{
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

# bail WHY: the test cannot go on, which is a failure.
bail()
{
	fail "$1"
	exit 1
}

done_testing()
{
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" -eq 0 ]
	exit
}

# Hundredths of a second on a clock that nobody sets.
monotonic()
{
	read -r tap_up tap_idle </proc/uptime
	: "$tap_idle"
	# 007 would be octal in arithmetic; 1007 - 1000 is not.
	tap_part=1${tap_up#*.}
	echo $((${tap_up%.*} * 100 + tap_part - 100))
}

# wait_until SECONDS COMMAND...: runs the command until it exits 0; fails once
# the seconds are over.
wait_until()
{
	tap_deadline=$(($(monotonic) + $1 * 100 * ${TEST_PATIENCE:-1}))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(monotonic)" -lt "$tap_deadline" ] || return 1
		sleep 0.02
	done
}
