#!/bin/sh
# `make zip`: the source archive.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

# packed TREE: the archive that it makes, and its name.
packed()
{
	run make -s -C "$1" BUILD="$tmp/$2" zip
	echo "$tmp/$2/reverse-$version.zip"
}

version=$(cat "$top/VERSION")
sh "$top/test/lib/copy-tree" "$tmp/one"
# No archive holds a folder with nothing in it, which git may have left.
find "$tmp/one" -type d -empty -delete
first=$(packed "$tmp/one" first)
succeeds 'it makes an archive' test -s "$first"

# Another time, another place, another user, and what a build leaves.
sh "$top/test/lib/copy-tree" "$tmp/another"
find "$tmp/another" -exec touch {} +
mkdir "$tmp/another/build"
echo >"$tmp/another/build/made"
chmod -R go-rwx "$tmp/another"
(umask 077 && packed "$tmp/another" second >/dev/null)
same "$first" "$tmp/second/reverse-$version.zip" \
    'another copy of the tree makes the same'
echo >>"$tmp/another/README.md"
packed "$tmp/another" third >/dev/null
succeeds 'and a tree that differs another' \
    test "$(cksum <"$first")" != \
    "$(cksum <"$tmp/third/reverse-$version.zip")"

mkdir "$tmp/unpacked"
succeeds 'it unpacks' python3 -m zipfile -e "$first" "$tmp/unpacked"
run diff -r "$tmp/one" "$tmp/unpacked/reverse-$version"
is "$status $stdout" '0 ' 'to all of the tree, and nothing else'
modes=$(python3 -c '
import sys, zipfile
for entry in zipfile.ZipFile(sys.argv[1]).infolist():
    if entry.external_attr >> 16 & 0o111:
        print(entry.filename.split("/", 1)[1])
' "$first")
is "$modes" "$(cd "$tmp/one" && find . -type f -perm -100 |
    sed 's|^\./||' | sort)" 'programs stay programs'

done_testing
