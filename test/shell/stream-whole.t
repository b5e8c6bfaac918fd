#!/bin/sh
# whole and spell: a text of any size through a stream, and one unit by unit.

# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

mkdir -m 1777 "$tmp/spool" || bail 'no directory for the spool'
daemon_start --spool "$tmp/spool" || bail 'the daemon does not start'

printf 'one\r\n\0tw\303\266' >"$tmp/text"
printf '\303\266wt\0\r\neno' >"$tmp/wanted"
end='\u000d\n'
if ! is_daemon; then
	printf '\303\266wt\0\n\reno' >"$tmp/wanted"
	end='\n\u000d'
fi
run reverse whole "$tmp/text"
same "$tmp/stdout" "$tmp/wanted" 'whole turns a file round'
run reverse whole <"$tmp/text"
same "$tmp/stdout" "$tmp/wanted" 'and standard input'
cp "$tmp/text" "$tmp/input"
run reverse whole "$tmp/text" - "$tmp/text" <"$tmp/input"
cat "$tmp/wanted" "$tmp/wanted" "$tmp/wanted" >"$tmp/three"
same "$tmp/stdout" "$tmp/three" 'each file by itself, - among them'
run reverse whole </dev/null
is "$status $stdout" '0 ' 'nothing comes back for nothing'
: >"$tmp/empty"
run reverse --json whole "$tmp/empty" "$tmp/text"
is "$stdout" "{\"file\":\"$tmp/text\",\"piece\":0,\
\"text\":\"öwt\\u0000${end}eno\"}" 'JSON, an object a piece'
run reverse -u byte --json whole <"$tmp/text"
like "$stdout" '"text_base64":"tsN3dAAKDWVubw=="' 'in base64 where it has to'

# What pieces say together: as text if all of them are.
cat >"$tmp/join" <<'END'
import base64, json, sys
objects = [json.loads(line) for line in sys.stdin]
for o in objects:
    sys.stdout.buffer.write(o["text"].encode() if "text" in o
                            else base64.b64decode(o["text_base64"]))
numbers = [o["piece"] for o in objects if "piece" in o]
print(all("text" in o for o in objects), numbers, file=sys.stderr)
END
joined()
{
	python3 -B "$tmp/join" <"$tmp/stdout" >"$tmp/joined"
}
python3 -c "print('x' + '日' * 60000 + 'y', end='')" >"$tmp/text"
python3 -c "print('y' + '日' * 60000 + 'x', end='')" >"$tmp/wanted"
run reverse --json whole "$tmp/text"
is "$(joined 2>&1)" 'True [0, 1, 2]' \
    'pieces that end within a character are text'
same "$tmp/joined" "$tmp/wanted" 'and lose nothing'
{
	printf '\303'
	head -c 150000 /dev/zero | tr '\0' a
} >"$tmp/bytes"
run reverse -u byte whole "$tmp/bytes"
mv "$tmp/stdout" "$tmp/wanted"
run reverse --json -u byte whole "$tmp/bytes" "$tmp/empty" "$tmp/text"
joined 2>"$tmp/numbers"
python3 -c "print('x' + '日' * 60000 + 'y', end='')" |
    reverse -u byte whole >>"$tmp/wanted"
same "$tmp/joined" "$tmp/wanted" 'nor do other bytes'
is "$(cat "$tmp/numbers")" 'False [0, 1, 2, 3, 0, 1, 2]' \
    'pieces are counted by file'
(python3 -c "print('日' * 800000, end='')" && echo) >"$tmp/text"
run reverse --json each "$tmp/text"
joined 2>"$tmp/numbers"
is "$(cat "$tmp/numbers") $(head -c 2400000 "$tmp/text" | cksum)" \
    "True [] $(cksum <"$tmp/joined")" 'a long line is text, too'
# Turned round they end within a character.
{
	printf '\303'
	head -c 2400000 /dev/zero | tr '\0' a
	echo
} >"$tmp/line"
cat "$tmp/line" "$tmp/line" >"$tmp/bytes"
run reverse -u byte each "$tmp/bytes"
tr -d '\n' <"$tmp/stdout" >"$tmp/wanted"
run reverse --json -u byte each "$tmp/bytes"
joined 2>"$tmp/numbers"
same "$tmp/joined" "$tmp/wanted" 'and loses nothing'

# Longer than the server's memory for it, the window, and a message.
python3 -B - "$tmp/text" "$tmp/wanted" "$unit" <<'END'
import random, sys
random.seed(5531)
signs = ["a", "é", "日", "\U0001f469\u200d\U0001f680", "e\u0301", " ", "\r\n"]
if sys.argv[3] == "codepoint":
    signs = [sign for sign in signs if len(sign) == 1]
chosen = random.choices(signs, k=2500000)
with open(sys.argv[1], "w", newline="") as text:
    text.write("".join(chosen))
with open(sys.argv[2], "w", newline="") as wanted:
    wanted.write("".join(reversed(chosen)))
END
run reverse whole "$tmp/text"
same "$tmp/stdout" "$tmp/wanted" 'characters of a long file stay whole'
# shellcheck disable=SC2002	# it is the pipe that is wanted
cat "$tmp/text" | reverse whole >"$tmp/stdout"
same "$tmp/stdout" "$tmp/wanted" 'by a pipe as well'
head -c 9000000 /dev/urandom >"$tmp/text"
run reverse -u byte whole "$tmp/text"
mv "$tmp/stdout" "$tmp/turned"
run reverse -u byte whole "$tmp/turned"
same "$tmp/stdout" "$tmp/text" 'turned round twice it is what it was'
is "$(tail -c 1 "$tmp/turned" | od -An -tx1)" \
    "$(head -c 1 "$tmp/text" | od -An -tx1)" 'and once it is not'

# What cannot be turned round keeps nobody from the next file.
printf 'a\377' >"$tmp/bad"
printf 'ab' >"$tmp/good"
run reverse whole "$tmp/bad" "$tmp/none" "$tmp" "$tmp/good"
is "$status $stdout" '1 ba' 'after a failure the next file is turned round'
like "$stderr" "^reverse: $tmp/bad, byte 1: .*INVALID_ARGUMENT" \
    'a byte that is not UTF-8 is named'
like "$stderr" "^reverse: cannot read $tmp/none: No such file" \
    'a missing file is named'
like "$stderr" "^reverse: cannot read $tmp: Is a directory" 'a directory, too'
{
	head -c 3000000 /dev/zero
	printf '\377'
} >"$tmp/bad"
run reverse whole "$tmp/bad"
is "$status $stdout" '1 ' 'nothing of a text that is bad at its end'
like "$stderr" 'byte 3000000: ' 'and the place is counted through all pieces'

if is_daemon; then
	run reverse spell 'ẹ́👩‍👩‍👧x'
	is "$(echo "$stdout" | tr '\n' ,)" 'x,👩‍👩‍👧,ẹ́,' \
	    'spell: a unit a line, the last one first'
	run reverse -u word spell 'one  two'
	printf 'two\n  \none\n' >"$tmp/wanted"
	same "$tmp/stdout" "$tmp/wanted" 'words, and what is between them'
else
	skip 2 'needs the daemon: graphemes and words'
fi
run reverse spell ''
is "$status $stdout" '0 ' 'nothing to spell'
run reverse spell --json -u byte é
is "$(echo "$stdout" | tr '\n' ,)" \
    '{"number":0,"text_base64":"qQ=="},{"number":1,"text_base64":"ww=="},' \
    'spell in JSON'
began=$(monotonic)
run reverse spell --pace 0.15 abc
took=$(($(monotonic) - began))
is "$(echo "$stdout" | tr '\n' ,)" 'c,b,a,' 'spell at a pace'
succeeds 'takes its time' test "$took" -ge 30
run reverse spell "$(printf 'a\377')"
is "$status $stdout" '1 ' 'what is not UTF-8 is refused'
run reverse spell
is "$status" 2 'spell takes a text'

done_testing
