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
		"$build/$1" --help |
		    sed -n '/^Commands/,/^$/s/^  \([a-z]*\).*/\1/p' |
		while read -r command; do
			options_of "$1" "$command"
		done
	} | sort -u
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

done_testing
