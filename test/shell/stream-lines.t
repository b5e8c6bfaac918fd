#!/bin/sh
# each and collect: lines through a stream, by file, pipe and terminal.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

daemon_start || bail 'the daemon does not start'

# each_is NAME: each turns $tmp/text into $tmp/wanted, from a file and a pipe.
each_is()
{
	run reverse each "$tmp/text"
	same "$tmp/stdout" "$tmp/wanted" "$1"
	# shellcheck disable=SC2002	# it is the pipe that is wanted
	cat "$tmp/text" | {
		run reverse
		same "$tmp/stdout" "$tmp/wanted" "$1: by a pipe"
		exit "$tap_failed"
	} || tap_failed=1
	tap_count=$((tap_count + 1))
}

printf 'abc\nnoël\r\n\n\r\nlast' >"$tmp/text"
printf 'cba\nlëon\r\n\n\r\ntsal' >"$tmp/wanted"
each_is 'LF and CR LF stay, and a missing one stays missing'
printf 'a\0b\n\0\n\rc\r' >"$tmp/text"
printf 'b\0a\n\0\n\rc\r' >"$tmp/wanted"
each_is 'NUL is data, and so is CR alone'
: >"$tmp/text"
: >"$tmp/wanted"
each_is 'nothing comes back for nothing'
printf '\377\376\n' >"$tmp/text"
printf '\376\377\n' >"$tmp/wanted"
run reverse -u byte each "$tmp/text"
same "$tmp/stdout" "$tmp/wanted" 'bytes'

printf 'one\n' >"$tmp/a b"
printf 'two' >"$tmp/two"
echo three | {
	run reverse each "$tmp/a b" - "$tmp/two" "$tmp/a b"
	printf 'eno\neerht\nowteno\n' >"$tmp/wanted"
	same "$tmp/stdout" "$tmp/wanted" 'several files, - among them'
	exit "$tap_failed"
} || tap_failed=1
tap_count=$((tap_count + 1))

# Lines about as long as a message may be, and far longer ones.
python3 - "$tmp/text" "$tmp/wanted" <<'END'
import sys
M = 1048576
lines = [b"a\n", b"b" * (M - 1) + b"c\r\n", b"x" + b"d" * M + b"\r\n",
         b"e\n", b"f" * 3 * M + b"g\n", b"h" * M + b"\r", b"i\n",
         b"j" * M + b"k\n", b"l" * 65536 * 20 + b"\r\n", b"m" * M + b"n"]
with open(sys.argv[1], "wb") as text, open(sys.argv[2], "wb") as wanted:
    text.writelines(lines)
    for line in b"".join(lines).split(b"\n"):
        last = line is not None and line.endswith(b"n") and len(line) == M + 1
        end = b"" if last else b"\n"
        if not last and line.endswith(b"\r"):
            line, end = line[:-1], b"\r\n"
        wanted.write(line[::-1] + end)
END
each_is 'lines longer than a message, in their order'
run reverse --json each "$tmp/text"
is "$(python3 -c '
import json, sys
out, lines = "", []
for text in sys.stdin:
    o = json.loads(text)
    out += o["text"] + o.get("end", "")
    if "end" in o:
        lines.append(o["line"])
print(out == open(sys.argv[1], newline="").read(), lines)
' "$tmp/wanted" <"$tmp/stdout")" 'True [1, 2, 3, 4, 5, 6, 7, 8, 9]' \
    'and in JSON'

# What cannot be decoded ends it, after all that came before.
printf 'ok\n' >"$tmp/good"
printf 'line\r\nab\377c\nnever\n' >"$tmp/bad"
run reverse each "$tmp/good" "$tmp/bad" "$tmp/good"
is "$status $(printf '%s' "$stdout" | tr -d '\r' | tr '\n' ,)" '1 ko,enil' \
    'each stops at a line that is not UTF-8'
like "$stderr" "^reverse: $tmp/bad, line 2, byte 2: .*INVALID_ARGUMENT" \
    'and names file, line and byte'
{
	cat "$tmp/good"
	head -c 1200000 /dev/zero | tr '\0' a
	printf '\377\n'
} >"$tmp/text"
run reverse each - <"$tmp/text"
is "$status $stdout" '1 ko' 'a long one as well'
like "$stderr" 'standard input, line 2, byte 1200000: ' 'with its place'
{
	head -c 1200000 /dev/zero | tr '\0' a
	printf '\nab\nlast'
} >"$tmp/text"
run reverse each "$tmp/text"
is "$(tail -n 2 "$tmp/stdout" | tr '\n' ,)" 'ba,tsal' \
    'what follows a long line is not lost'
printf '\nb\377' >>"$tmp/text"
run reverse each "$tmp/text"
like "$status $stderr" '^1 .*line 4, byte 1: ' 'nor is its place'
run reverse each "$tmp/good" "$tmp/none" "$tmp/good"
is "$status $stdout" '1 ko' 'a file that is not there ends it, too'
like "$stderr" "cannot read $tmp/none: No such file" 'and is named'
run reverse each "$tmp"
like "$status $stderr" '^1 .*Is a directory' 'a directory is no file'

# With --skip-bad it goes on.
run reverse each --skip-bad "$tmp/bad" "$tmp/good"
is "$status $(printf '%s' "$stdout" | tr -d '\r' | tr '\n' ,)" \
    '1 enil,reven,ko' 'each goes on after a line that is not UTF-8'
is "$stderr" "reverse: $tmp/bad, line 2, byte 2: the stream ended: \
INVALID_ARGUMENT: not UTF-8" 'which is named all the same'
printf '\377\n\376\nab\n\377\n\377' >"$tmp/text"
run reverse each --skip-bad "$tmp/text"
is "$status $stdout" '1 ba' 'the first and the last may be such lines'
is "$(printf '%s\n' "$stderr" |
    sed 's/.*line \([0-9]*\),.*/\1/' | tr '\n' ,)" '1,2,4,5,' \
    'and all are named'
run reverse each --skip-bad --json "$tmp/text"
is "$(printf '%s\n' "$stdout" | grep -o '"line".*')" \
    '"line":3,"text":"ba","end":"\n"}' 'in JSON they are left out'
run reverse each --skip-bad "$tmp/good"
is "$status $stdout $stderr" '0 ko ' 'nothing is skipped where all is well'
python3 - "$tmp/text" <<'END'
import sys
M = 1048576
with open(sys.argv[1], "wb") as text:
    text.write(b"ab\n" + b"x" * 2 * M + b"\xff" + b"y" * 9 * M)
    text.write(b"\r\ncd\n" + b"\xff" * 3 * M + b"\n" + b"\xff\nef\n")
    text.write(b"z" * 2 * M + b"\xff")
END
# by_file, by_pipe: the lines of $tmp/text.
# shellcheck disable=SC2317	# called by run
by_file()
{
	reverse each --skip-bad "$tmp/text"
}
# shellcheck disable=SC2002,SC2317	# it is the pipe that is wanted
by_pipe()
{
	cat "$tmp/text" | reverse each --skip-bad
}
for way in by_file by_pipe; do
	run "$way"
	is "$status $stdout" "1 $(printf 'ba\ndc\nfe')" "$way: long ones, too"
	is "$(printf '%s\n' "$stderr" |
	    sed 's/.*line \([0-9]*, byte [0-9]*\):.*/\1/' | tr '\n' ';')" \
	    '2, byte 2097152;4, byte 0;5, byte 0;7, byte 2097152;' \
	    "$way: which are named"
done
run reverse each --skip-bad "$tmp/none" "$tmp/good"
is "$status $stdout" '1 ' 'a file that is not there ends it all the same'
if ! is_daemon; then
	run reverse each -u word --skip-bad "$tmp/good"
	is "$status $stdout $stderr" '1  reverse: the stream ended: '\
'INVALID_ARGUMENT: this server has no such unit' \
	    'a unit that the server does not have is the fault of no line'
fi
run reverse --json status
like "$stdout" '"streams":0,' 'and no stream is left over'

# A million lines, both ways; a call takes a thousand of them.  Valgrind would
# take minutes for so many.
count=1000000
[ -z "${TEST_WRAPPER-}" ] || count=50000
seq "$count" | sed 's/$/ line é/' >"$tmp/text"
reverse --trace each "$tmp/text" 2>"$tmp/trace" |
    tee "$tmp/wanted" | reverse >"$tmp/turned"
same "$tmp/turned" "$tmp/text" "$count lines"
is "$(head -n 1 "$tmp/wanted")" 'é enil 1' 'reversed each'
calls=$(grep -c '^trace: ' "$tmp/trace")
# A turn of the server is as long as ever, and in slower builds does less.
succeeds "with $calls calls" \
    test "$calls" -lt $((count * ${TEST_PATIENCE:-1} / 500))

# collect: all of it as one text.
printf 'one\r\ntwo\0three' >"$tmp/text"
printf 'eerht\0owt\r\neno' >"$tmp/wanted"
is_daemon || printf 'eerht\0owt\n\reno' >"$tmp/wanted"
run reverse collect "$tmp/text"
same "$tmp/stdout" "$tmp/wanted" 'collect joins the lines'
run reverse --json collect "$tmp/good" "$tmp/two"
is "$stdout" \
    "{\"text\":\"owt\\nko\",\"unit\":\"$unit\",\"messages\":2,\"bytes\":6}" \
    'and counts them'
run reverse collect </dev/null
is "$status $stdout" '0 ' 'collect of nothing'
head -c 1048576 /dev/zero | tr '\0' '\n' >"$tmp/text"
run reverse collect "$tmp/text"
same "$tmp/stdout" "$tmp/text" 'as many lines as fit a message'
echo >>"$tmp/text"
run reverse collect "$tmp/text"
is "$status $stdout" '1 ' 'more than that is refused'
like "$stderr" 'RESOURCE_EXHAUSTED.*WHOLE' 'with the way out'
run reverse collect "$tmp/good" "$tmp/bad"
is "$status $stdout" '1 ' 'collect of what is not UTF-8'
like "$stderr" "$tmp/bad, line 2, byte 2: " 'has its place, too'
run reverse collect "$tmp/good" "$tmp/none"
is "$status $stdout" '1 ' 'collect of a missing file prints nothing'

done_testing
