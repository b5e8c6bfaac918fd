#!/bin/sh
# A source sees the folders that the Makefile lists for its own, and no other:
# to include a header of another folder does not compile.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

cd "$top" || exit 1
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL

# A relative path: make cannot have one with spaces, and the tree may stand in
# one.  V=1: with -s, nothing is said of what has to be made first.
make -s V=1 BUILD="${build#"$top"/}" print-layers \
    >"$tmp/layers" 2>"$tmp/stderr" || {
	diag "$(cat "$tmp/stderr")"
	bail 'make print-layers'
}
find base option text schema rpcloop stream server client -name '*.[ch]' |
    sort >"$tmp/files"
grep '\.h$' "$tmp/files" >"$tmp/headers"

# compiles: whether the source on standard input does, by $command.  The words
# of the compiler are left in errors.
compiles()
{
	cat >"$tmp/probe.c"
	eval "$command -fsyntax-only \"\$tmp/probe.c\"" >"$tmp/errors" 2>&1
}

# is_seen HEADER: whether one of the folders or headers in $sees is or has it.
is_seen()
{
	for seen in $sees; do
		case $1 in
		"$seen" | "$seen"/*) return 0 ;;
		esac
	done
	return 1
}

# check_all: that the compiler finds each header in the list and no other.
check_all()
{
	first_unseen=
	while read -r header; do
		if is_seen "$header"; then
			echo "#if !__has_include(\"$header\")"
			echo "#error $header is not found"
		else
			: "${first_unseen:=$header}"
			echo "#if __has_include(\"$header\")"
			echo "#error $header is found"
		fi
		echo '#endif'
	done <"$tmp/headers" >"$tmp/all.c"
	compiles <"$tmp/all.c"
	is "$(cat "$tmp/errors")" '' "$folder sees its list, and nothing else"
}

# one_compiles: whether one of the headers on standard input does.
one_compiles()
{
	while read -r header; do
		echo "#include \"$header\"" | compiles && return
	done
	return 1
}

# check_seen: that of each folder seen a header compiles.
check_seen()
{
	wrong=
	for seen in $sees; do
		grep "^$seen\$\|^$seen/[^/]*\$" "$tmp/headers" >"$tmp/those"
		one_compiles <"$tmp/those" || wrong="$wrong $seen"
	done
	is "$wrong" '' "$folder can include headers of all that it sees"
}

# refuses INCLUDE NAME: such a line does not compile.
refuses()
{
	echo "#include $1" | compiles
	is "$?" 1 "$folder cannot include $2"
}

folders=
while read -r folder && read -r sees && read -r command; do
	folders="$folders $folder"
	check_all
	check_seen
	refuses "\"$first_unseen\"" "$first_unseen"
	case $folder in
	base | option | text | rpcloop/loop | rpcloop/net)
		refuses '<rpc/xdr.h>' 'the RPC library'
		;;
	esac
	case $folder in
	base | option | text | rpcloop/*)
		refuses '"reverse.h"' 'what is made of reverse.x'
		;;
	esac
done <"$tmp/layers"

# In a folder without a line of its own a source would see everything.
# shellcheck disable=SC2086	# a list of words
printf '%s\n' $folders | sort >"$tmp/folders"
is "$(sed 's|/[^/]*$||' "$tmp/files" | sort -u | comm -23 - "$tmp/folders")" \
    '' 'each folder has its line in the Makefile'

done_testing
