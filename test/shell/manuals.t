#!/bin/sh
# The manuals name just the options that --help shows.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

# options_of PROGRAM [COMMAND]: what its --help lists, one a line.
options_of()
{
	"$build/$1" ${2+"$2"} --help | sed -n '/^Options/,$p' |
	    grep -oE -e '^ +(-[a-zA-Z], )? *--[a-z-]+' |
	    grep -oE -e '--[a-z-]+|-[a-zA-Z]\b'
}

# The options of a program, and of its commands where it has any.
helped()
{
	{
		options_of "$1"
		[ "$1" != reverse ] || commands |
		while read -r command; do
			options_of "$1" "$command"
		done
	} | sort -u
}

# What the program calls its commands.
commands()
{
	"$build/reverse" --help |
	    sed -n '/^Commands/,/^$/s/^  \([a-z]*\).*/\1/p'
}

# Of a manual: the options that its list explains.
explained()
{
	grep '^\.It Fl' "$top/man/$1" | grep -oE 'Fl [^ ]+' |
	    sed -e 's/^Fl \\&-/--/' -e 's/^Fl /-/' | sort -u
}

for page in reverse.1 reversed.8; do
	program=${page%.*}
	is "$(explained "$page")" "$(helped "$program")" \
	    "$page explains the options of $program --help"
	like "$(helped "$program")" '^--version$' 'which are some'
done

is "$(sed -n 's/^\.It Cm \([a-z]*\).*/\1/p' "$top/man/reverse.1")" \
    "$(commands)" 'reverse.1 explains the commands, in their order'
is "$(sed -n '/^\.Sh EXIT/,/^\.El/s/^\.It //p' "$top/man/reverse.1")" \
    "$("$build/reverse" --help |
	sed -n '/^Exit codes/,$s/^  \([0-9]*\) .*/\1/p')" \
    'and the exit codes'

done_testing
