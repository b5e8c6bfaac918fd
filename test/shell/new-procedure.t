#!/bin/sh
# scripts/new-procedure writes what doc/seminar.md says, or nothing.  That it
# works when it is built, test/all/seminar shows.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

copy=$tmp/copy
sh "$top/test/lib/copy-tree" "$copy"

# contents: a line for each file of the copy.
contents()
{
	(cd "$copy" && find . -type f -exec cksum {} + | sort)
}

untouched=$(contents)
# There may be more of them than ours.
last=$(sed -n 's/^		.* REVERSE_[A-Z]*(.*) = \([0-9]*\);/\1/p' \
    "$top/reverse.x" | sort -n | tail -n 1)

# refuses WANT WORD...: with an exit code and a message, and writes nothing.
refuses()
{
	want=$1
	shift
	run sh "$copy/scripts/new-procedure" "$@"
	like "$status $stderr" "$want" "it refuses '$*'"
	is "$(contents)" "$untouched" 'and writes nothing'
}

refuses '^2 usage: new-procedure NAME'
refuses '^2 usage: ' Count
refuses '^2 usage: ' a_b
refuses '^2 usage: ' abcdefghijk
refuses '^2 usage: ' one two
refuses '^1 .*int is a word of C; take another' int
refuses '^1 .*each\.c is there' each
refuses '^1 .*text is in reverse\.x' text

run sh "$copy/scripts/new-procedure" newone
is "$status $stderr" '0 ' 'it writes a procedure'
like "$(cat "$copy/reverse.x")" \
    "_result REVERSE_NEWONE\\(newone_args\\) = $((last + 1));\$" \
    'which has the next number'
like "$(cat "$copy/server/service/service.c")" '^reverse_newone_1_svc\($' \
    'a function in the service'
like "$(cat "$copy/client/commands/newone.c")" '^const .* command_newone' \
    'a command'
for file in client/commands/command.h client/session/procedure.h; do
	is "$(diff "$top/$file" "$copy/$file" | grep -c '^> .*ROW(newone')" 1 \
	    "a row in $file"
done
like "$(cat "$copy/man/reverse.1")" '^\.It Cm newone' 'a line in the manual'
succeeds 'a test' test -e "$copy/test/shell/newone.t"
untouched=$(contents)
refuses '^1 .*newone\.c is there' newone

run sh "$copy/scripts/new-procedure" abcdefghij
like "$(cat "$copy/reverse.x")" "= $((last + 2));\$" \
    'the one after it has another number'

cd "$copy" || exit
succeeds 'its form is that of all scripts and sources' sh scripts/check-form
succeeds 'shellcheck likes the test' shellcheck -x test/shell/newone.t
succeeds 'mandoc likes the manual' mandoc -T lint -W warning man/reverse.1
for language in -h -c -l -m; do
	succeeds "rpcgen $language takes the interface" \
	    rpcgen -C -M "$language" -o "$tmp/out$language" reverse.x
done

done_testing
