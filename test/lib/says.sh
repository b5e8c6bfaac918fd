# shellcheck shell=sh
# The command line and the textbook servers in other languages, for
# test/all/interface and what it runs.  Both set work, their folder, and before
# they ask anything place, where the server is looked for, and at, where it is.

# shellcheck disable=SC2034,SC2154	# whoever sources this has the others

# serve_foreign COMMAND...: starts a textbook server, and sets its ports.
serve_foreign()
{
	"$@" >"$work/ports" &
	foreign=$!
	tries=0
	until [ "$(wc -l <"$work/ports")" -eq 2 ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 1000 ]
		sleep 0.02
	done
	tcp=$(sed -n 1p "$work/ports")
	udp=$(sed -n 2p "$work/ports")
}

# says CODE LINE ARGUMENT...: the command line, called so for the server of
# $place, exits with that code, and this is a line of what it says.
says()
{
	expect=$1
	line=$2
	shift 2
	code=0
	echo text | timeout 20 build/all/plain/reverse -s "$place" "$@" \
	    >"$work/said" 2>&1 || code=$?
	if [ "$code" -ne "$expect" ] || ! grep -Fqx -e "$line" "$work/said"
	then
		echo "reverse $*: exit code $code, no line \"$line\" in"
		cat "$work/said"
		exit 1
	fi
}

# says_all NETID: each command works, or says what the server at $at lacks.
says_all()
{
	lacks='Procedure unavailable'
	says 0 "reverse: connected to $at" -n "$1" -v ping
	says 0 'send me a text' -n "$1" greet
	says 0 'olleh' -n "$1" -u byte send hello
	says 1 'reverse: the server refused: INVALID_ARGUMENT: bytes alone' \
	    -n "$1" send hello
	says 0 'state: serving' -n "$1" status
	says 1 "reverse: $at did not do REVERSE_DESCRIBE: $lacks" \
	    -n "$1" describe
	for command in 'spell hello' each collect whole; do
		# shellcheck disable=SC2086	# a list of words
		says 1 "reverse: $at did not do REVERSE_OPEN: $lacks" \
		    -n "$1" $command
	done
}

# says_none NETID: it is called with AUTH_NONE, unless the user forbids that.
says_none()
{
	says 0 'flavor: AUTH_NONE' -n "$1" whoami
	says 0 "reverse: $at does not accept AUTH_SYS (AUTH_TOOWEAK), and is \
called without it" -n "$1" -v whoami
	says 1 "reverse: $at does not accept the credential of this user: \
AUTH_TOOWEAK" -n "$1" --sec sys whoami
	says 0 'olleh' -n "$1" --sec none -u byte send hello
}
