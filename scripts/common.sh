# What the scripts share: words to whoever reads, and where the traces of a
# running daemon are kept.
#
# shellcheck shell=sh

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say()
{
	printf '%s\n' "$*"
}

complain()
{
	printf '%s\n' "$*" >&2
}

# quoted WORD: as the shell would have to read it.
quoted()
{
	case $1 in
	*[!A-Za-z0-9_./-]* | '')
		# The dot keeps the newlines at the end.
		quoted=$(printf '%s.' "$1" | sed "s/'/'\\\\''/g")
		printf "'%s'" "${quoted%.}"
		;;
	*)
		printf '%s' "$1"
		;;
	esac
}

# runtime_directory: the folder of pid files, log and Unix socket, made if need
# be.  RUNTIME_DIRECTORY names another one, as it does under systemd: the first
# where it has several, with colons between them.  Everybody may look for the
# socket of the system's daemon.
#
# In /tmp anybody may have been first: a folder there is ours only if it is a
# real one, owned by us, and closed to all others.
runtime_directory()
{
	mode=700
	if [ -n "${RUNTIME_DIRECTORY-}" ]; then
		run=${RUNTIME_DIRECTORY%%:*}
	elif [ "$(id -u)" -eq 0 ]; then
		run=/run/reversed
		mode=755
	elif [ -d "${XDG_RUNTIME_DIR-}" ]; then
		run=$XDG_RUNTIME_DIR/reversed
	else
		run=/tmp/reversed-$(id -u)
	fi
	[ -d "$run" ] || mkdir -m "$mode" "$run" 2>/dev/null
	if [ -z "$(find "$run" -prune -type d -user "$(id -u)" \
	    ! -perm /022)" ]; then
		complain "$run: not a folder that only this user can change"
		exit 1
	fi
}

# stat_of PID FIELD: one of /proc/PID/stat after the name of the process, which
# can hold anything, parentheses too.
stat_of()
{
	sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f "$2"
}

# started_at PID: when a process was started, in ticks since the boot.  With
# its number it names a process for good.
started_at()
{
	stat_of "$1" 20
}

# remember NAME PID: writes the pid file of a process just started.
remember()
{
	printf '%s %s\n' "$2" "$(started_at "$2")" >"$run/$1.pid"
}

# running NAME: whether the process in the pid file still runs; sets pid.
running()
{
	[ -r "$run/$1.pid" ] || return
	read -r pid since <"$run/$1.pid" || return
	[ -n "$since" ] && [ "$(started_at "$pid")" = "$since" ] || return
	! grep -qs '^State:[[:space:]]*Z' "/proc/$pid/status"
}

# dying: whether the process that runs was killed, and is just not gone yet.
dying()
{
	flags=$(stat_of "$pid" 7)
	# PF_EXITING; and SIGKILL, the ninth, among the signals that it has yet
	# to take.
	[ $((${flags:-4} & 4)) -ne 0 ] ||
	    grep -qs '^S[a-z]*Pnd:.*[13579bdf]..$' "/proc/$pid/status"
}
