#!/bin/sh
# The manuals name just the options that --help shows.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

# Of --help: the options it lists, each on a line of its own.
helped()
{
	"$build/$1" --help | sed -n '/^Options/,/^[A-Z]/p' |
	    grep -oE -e '^ +(-[a-zA-Z], )?--[a-z-]+' |
	    grep -oE -e '--[a-z-]+|-[a-zA-Z]\b' | sort -u
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
