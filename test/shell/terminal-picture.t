#!/bin/sh
# scripts/terminal-picture: what a terminal shows, as an SVG.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

# rows: what the picture of standard input says, a line for each of its texts.
rows()
{
	python3 -B "$top/scripts/terminal-picture" 'a <title>' >"$tmp/svg" &&
	    python3 -c '
import sys, xml.etree.ElementTree
for text in xml.etree.ElementTree.parse(sys.argv[1]).iter():
    if text.tag.endswith("}text"):
        print(text.text or "")
' "$tmp/svg"
}

is "$(printf 'one\n\n  <two> & "three"\n' | rows)" 'a <title>
one

  <two> & "three"' 'every line is there, and nothing is markup'
is "$(printf '%0250d' 0 | rows | awk 'NR > 1 { print length }' | tr '\n' ' ')" \
    '100 100 50 ' 'a long line is broken'
is "$(printf '%0100d%s' 0 '한' | rows | tail -n 1)" '한' 'by columns'
is "$(awk 'BEGIN { for (i = 0; i < 60; i++) printf "한" }' | rows |
    sed -n 2p | tr -d '\n' | wc -m)" 50 \
    'of which wide letters take two'
run python3 -B "$top/scripts/terminal-picture"
is "$status" 1 'without a title it says how it is used'
like "$stderr" '^usage: ' 'in a line'

done_testing
