#!/bin/sh
# What make makes again, and what not, in a copy of the tree and by a compiler
# that only says what it was to make.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL BUILD
"$top/test/lib/copy-tree" "$tmp/a tree"
cd "$tmp/a tree" || exit 1

cat >fake-cc <<'END'
#!/bin/sh
# The file after -o is made, and noted.
while [ $# -gt 0 ]; do
	if [ "$1" = -o ]; then
		: >"$2"
		echo "$2" >>made
	fi
	shift
done
END
cat >fake-ar <<'END'
#!/bin/sh
: >"$2"
echo "$2" >>made
END
chmod +x fake-cc fake-ar

# made_by ARGUMENT...: what make makes when it is called so, sorted.
made_by()
{
	: >made
	make -s CC=./fake-cc AR=./fake-ar "$@" >"$tmp/make" 2>&1 || {
		diag "$(cat "$tmp/make")"
		bail "make $*"
	}
	sort made
}

made_by all >first
is "$(grep -c '\.o$' first)" \
    "$(find base option text schema rpcloop stream server client build/gen \
	-name '*.c' | grep -c .)" 'make compiles each source'
is "$(made_by all)" '' 'and nothing a second time'

echo 99.1 >VERSION
is "$(made_by all)" "$(cat first)" \
    'everything is made again when the version is another'
is "$(made_by all)" '' 'once'
is "$(made_by CFLAGS=-O0 all)" "$(cat first)" 'or the flags are'
made_by all >/dev/null

touch base/hash.c
is "$(made_by all)" "$(printf '%s\n' build/base/hash.o build/libbase.a \
    build/reverse build/reversed)" 'one object when one source is newer'

done_testing
