#!/bin/sh
# --trace: each call and reply byte by byte, on standard error.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

# account FILE: what is wrong in a trace: bytes of a message that no line has,
# or two have; sizes that are not those of the head; lines that are too wide.
# Of bytes that are left out a line says how many they are.
account()
{
	LC_ALL=C awk '
	function complain(what)
	{
		print FILENAME ":" FNR ": " what ": " $0
	}

	# The message before this line is over.
	function check()
	{
		if (at < 0)
			return
		if (at != size[++messages] + marks)
			complain("a message of " at " bytes, not of " \
			    size[messages])
		at = -1
	}

	function check_all()
	{
		check()
		# What never left has none.
		if (size[2] > 0 ? messages != 2 : messages > 1)
			complain("so many messages: " messages)
	}

	/^trace: / {
		check_all()
		calls++
		messages = 0
		size[1] = $0; sub(/.* call /, "", size[1])
		size[2] = $0; sub(/.*, reply /, "", size[2])
		if ($0 !~ /, reply /)
			size[2] = 0
		size[1] += 0
		size[2] += 0
		next
	}
	/^reverse: / { next }
	!/^[ 0-9]/ { complain("not of a trace") }
	{
		line = $0
		gsub(/[\200-\277]/, "", line)
	}
	length(line) > 80 { complain("over 80 columns") }
	/[\001-\037\177]/ { complain("not printable") }
	/^      *(call|reply): (call|reply)_header$/ && at > 4 { check() }
	/^ *[0-9]+  [0-9a-f][0-9a-f]( |$)/ {
		if ($1 == 0) {
			check()
			at = 0
			marks = 0
		}
		if (/record mark: /)
			marks = 4
		if ($1 != at)
			complain("not at " at)
		hex = substr($0, 9, 23)
		at += gsub(/[0-9a-f][0-9a-f]/, "", hex)
		next
	}
	/^ *\.\.\. .*[0-9]+ bytes \.\.\.$/ {
		at += $(NF - 2)
		next
	}
	BEGIN { at = -1 }
	END { check_all(); print calls " calls" }
	' "$1"
}

# traces NAME COMMAND...: the trace of a command accounts for each byte.
traces()
{
	what=$1
	shift
	run reverse --trace "$@"
	account "$tmp/stderr" >"$tmp/account"
	sed -i '/^[1-9][0-9]* calls$/d' "$tmp/account"
	is "$(head -n 5 "$tmp/account")" '' "$what: every byte has a field"
}

daemon_start || bail 'the daemon does not start'
seq 3000 >"$tmp/numbers"
head -c 300000 /dev/urandom >"$tmp/bytes"

traces ping ping
is "$(grep -c accept_status "$tmp/stderr")" "$(grep -c ^trace: "$tmp/stderr")" \
    'with a reply for each call'
traces greet greet
like "$stderr" ' hello: greeting$' 'greet has the fields of reverse.x'
traces status status
traces whoami whoami
traces describe describe
like "$stderr" '^ *\.\.\. [0-9]* bytes \.\.\.$' 'a long opaque is cut short'
traces send send 'Grüße, Welt'
sed '/ padding$/d' "$tmp/stderr" >"$tmp/less"
like "$(account "$tmp/less")" ': not at ' 'a line that is missing is noticed'
like "$stderr" '^trace: REVERSE_TEXT .* ms, STATUS_OK$' \
    'the line ends with the status'
like "$stderr" ' text "Grüße, Welt"$' 'a text is shown'
like "$stderr" '^ *[0-9]*  00 00 00 *padding$' 'and its padding'
like "$stderr" ' procedure_number REVERSE_TEXT \(2\)$' 'and who is called'
is "$stdout" 'tleW ,eßürG' 'and the result is as ever'
for command in collect each whole; do
	traces "$command" "$command" "$tmp/numbers"
done
traces spell spell 'one two'
traces bytes -u byte whole "$tmp/bytes"
run reverse --trace each "$tmp/numbers"
like "$stderr" '^trace: REVERSE_OPEN .* STATUS_OK$' 'a stream begins'
like "$stderr" ' method METHOD_EACH \(3\)$' 'by its method'
like "$stderr" ' messages\[0\] "1"$' 'with its messages'
like "$stderr" '^ *\.\.\. [0-9]* elements, [0-9]* bytes \.\.\.$' \
    'of which the middle is left out'
like "$stderr" ' end: (absent|present)$' 'and an end, or none'
run reverse --json --trace -q send -u byte abc
like "$stderr" ' text "abc"$' '-q does not silence it'
is "$stdout" '{"text":"cba","unit":"byte"}' 'nor does --json'

# What is refused, by the application and by the server.
printf 'a\377' >"$tmp/wrong"
traces 'a refusal' send <"$tmp/wrong"
is "$status" 1 'it is exit code 1'
like "$stderr" '^trace: REVERSE_TEXT .* ms, STATUS_INVALID_ARGUMENT$' \
    'the line has its status'
like "$stderr" ' at_byte 1$' 'and there is why'
like "$stderr" ' text$' 'what is no text has its bytes alone'

# Over UDP there is no record mark.
traces udp -n udp send abc
unlike "$stderr" 'record mark' 'a datagram has no record mark'
like "$stderr" '^     0  .. .. .. .. *xid ' 'and begins with its xid'

# The daemon's own side, in its log.
if is_daemon; then
	daemon_stop
	daemon_start --trace || bail 'the daemon does not start'
	run reverse --sec none send abc
	logged=$(cat "$daemon_log")
	for message in 'call from' 'reply to'; do
		like "$logged" \
		    "info trace $message=[^ ]+ procedure=REVERSE_TEXT xid=0x" \
		    "the log of the daemon has the ${message% *}"
	done
	like "$logged" ' status=STATUS_OK$' 'its status'
	like "$logged" '^    60  61 62 63 *text "abc"$' 'and its bytes'
	like "$logged" '^    36  63 62 61 *text "cba"$' 'both ways'
	# As the client shows them, it writes heads by which they are counted.
	sed -n 's/.* info trace call .* bytes=/trace: call /p
	    s/.* info trace reply .* bytes=\([0-9]*\).*/REPLY \1/p
	    /^[ 0-9]\{8\}/p' "$daemon_log" | awk '
	/^trace: / { head = $0; next }
	/^REPLY / { print head ", reply " $2; printf "%s", lines; lines = ""
	    head = ""; next }
	head != "" { lines = lines $0 "\n"; next }
	{ print }' >"$tmp/seen"
	like "$(account "$tmp/seen")" '^[1-9][0-9]* calls$' \
	    'there are calls in it'
	is "$(account "$tmp/seen" | sed '/^[0-9]* calls$/d')" '' \
	    'and every byte has a field'
else
	skip 7 'needs the daemon: it has a log'
fi

# Nobody there, and nobody who answers.
daemon_stop
run reverse --trace --retry 0 ping
is "$status" 3 'nobody there is exit code 3'
unlike "$stderr" "$(printf '\033')" 'no colour is in a file'
done_testing
