#!/bin/sh
# What people read goes through the functions that make it printable.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

cd "$top" || exit 1

# who_has ERE: the sources of the programs where it is, one a line.
who_has()
{
	grep -rlE --include='*.[ch]' -e "$1" base client option rpcloop server \
	    schema stream text | sort
}

is "$(who_has 'STDERR_FILENO\)?,')" \
    "$(printf 'base/log.c\nclient/terminal/say.c')" \
    'standard error is written to by the log and by say'
is "$(who_has '\<stderr\>')" server/main.c \
    'and by the daemon, what option/ made printable, before there is a log'
others='perror|psignal|vsyslog|syslog|dprintf|vdprintf|errx?|verrx?|warnx?'
others="$others|vwarnx?|error|clnt_pcreateerror"
is "$(who_has "\\<($others)\\(")" '' 'and by nothing of the C library'
like "$(who_has '\<printable\(')" '^client/terminal/say.c$' 'say escapes'
like "$(who_has '\<printable\(')" '^base/log.c$' 'the log does'
like "$(who_has '\<printable\(')" '^option/option.c$' 'option/ does'
like "$(who_has '\<printable\(')" '^option/print.c$' 'so does --check'

done_testing
