#!/bin/sh
# reverse.x goes through rpcgen, and what rpcgen writes through the compilers.

# shellcheck disable=SC2317	# the functions are called by succeeds
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

# The headers of libtirpc have warnings of their own.
tirpc=$(pkg-config --cflags libtirpc | sed 's/-I/-isystem /g')

# What rpcgen is known for; anything else would come from reverse.x.
known='-Wno-unused-variable -Wno-unused-parameter -Wno-cast-function-type'

# generate FOLDER OPTION...: runs rpcgen, which must have nothing to say.
generate()
{
	mkdir "$1" && cp "$top/reverse.x" "$1" && cd "$1" || return
	shift
	rpcgen "$@" reverse.x 2>messages && [ ! -s messages ]
}

# compile COMPILER OPTION...: each generated file of the folder by itself.
compile()
{
	cd "$tmp/C -M" || return
	for file in reverse_*.c; do
		# shellcheck disable=SC2086	# two lists of words
		"$@" -Wall -Wextra -Werror $known $tirpc \
		    -c -o "$tmp/object" "$file" || return
	done
}

succeeds 'rpcgen takes reverse.x' generate "$tmp/plain"
succeeds 'with -C -M' generate "$tmp/C -M" -C -M
succeeds 'with -C -M -N' generate "$tmp/C -M -N" -C -M -N
# shellcheck disable=SC2086	# CC may come with options
succeeds 'the C compiler takes what it wrote' compile ${CC:-cc}

if ${CXX:-c++} --version >/dev/null 2>&1; then
	# The code that rpcgen writes says "register".  The stage of
	# `make test-all` for interfaces insists on this compiler.
	# shellcheck disable=SC2086	# as above
	succeeds 'the C++ compiler takes it' \
	    compile ${CXX:-c++} -std=c++14 -Wno-register -pedantic-errors \
	    -x c++
fi

size=$(wc -c <"$top/reverse.x")
most=$(sed -n 's/^const SCHEMA_MAX = \([0-9]*\);/\1/p' "$top/reverse.x")
succeeds 'reverse.x fits what REVERSE_DESCRIBE may return' \
    test "$size" -le "$most"

done_testing
