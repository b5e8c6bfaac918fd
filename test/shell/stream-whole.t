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

# Longer than the server's memory for it, the window, and a message.
python3 - "$tmp/text" "$tmp/wanted" "$unit" <<'END'
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
