#!/bin/sh
# What `reverse completion` offers for a word, and its script for bash.  Those
# for other shells are in the stage completion.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

# offered WORD...: the words that the last one may become, in one line.
offered()
{
	"$build/reverse" completion -- words "$@" | cut -f 1 | tr '\n' ' '
}

# offers WORDS WORD...: the first is what is offered for the others.
offers()
{
	wanted=$1
	shift
	is "$(offered "$@")" "$wanted" "$(printf '"%s" ' "$@")"
}

commands=$("$build/reverse" --help |
    sed -n '/^Commands/,/^$/s/^  \([a-z]*\).*/\1/p' | tr '\n' ' ')
is "$(offered '')" "$commands" 'all commands come first'
for command in $commands; do
	options=$("$build/reverse" help "$command" |
	    sed -n 's/^  .*--\([a-z-]*\).*/--\1/p' | tr '\n' ' ')
	is "$(offered "$command" -)" "$options" \
	    "$command: all options that its help has"
done

offers 'send spell status ' s
offers 'send ' -v -q se
offers 'send spell status ' help s
offers '' -v send -q se
offers '' send 'a text'
offers ':files ' each ''
offers ':files ' each -- --no
offers '' send -- --
offers 'tcp tcp6 ' -n t
offers 'tcp tcp6 udp udp6 local ' --netid ''
offers 'tcp tcp6 udp udp6 local ' --netid =
offers 'udp udp6 ' --netid = u
offers '--netid=udp --netid=udp6 ' ping --netid=u
offers 'none ' ping --sec n
offers ':files ' -vS ''
offers ':files ' list -x ''
offers "$commands" -p send ''
offers 'send ' -p20726 se
offers 'send ' -p 20726 se
offers ':hosts ' --server ''
offers '--no-progress --no-keep ' whole --no
offers '' ping --unit
offers '' -n nothing
offers '' --none=
offers 'bash zsh fish ' completion ''
offers 'send ping greet status describe whoami ' bench ''
offers 'whoami ' bench -c 2 w
offers ':files ' bench --messages ''
is "$("$build/reverse" completion -- words ping --verb)" \
    "--verbose	say what is tried" 'with what it means'

run "$build/reverse" completion csh
is "$status $stderr" \
    "2 reverse: there is no completion for csh; there is for bash, zsh \
and fish" \
    'a shell that nobody knows'

# The script, as bash calls it.
cat >"$tmp/ask" <<'E2'
. "$1"
shift
cd "$1" || exit
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
compopt() { :; }
_reverse "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s ' "${COMPREPLY[@]}"
E2
"$build/reverse" completion bash >"$tmp/script"
mkdir "$tmp/files"
touch "$tmp/files/a file" "$tmp/files/another"
in_bash()
{
	bash "$tmp/ask" "$tmp/script" "$tmp/files" "$build/reverse" "$@"
}
is "$(in_bash se)" 'send ' 'bash: a command'
is "$(in_bash ping --netid = u)" 'udp udp6 ' 'bash: a value'
is "$(in_bash each a)" 'a file another ' 'bash: files'
is "$(in_bash send x)" ' ' 'bash: nothing'

done_testing
