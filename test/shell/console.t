#!/bin/sh
# test/lib/console, which runs what README.md and doc/ show.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

# console: runs the page on standard input; a line for each of its commands.
console()
{
	cat >"$tmp/page.md"
	run sh "$top/test/lib/console" "$tmp/page.md"
	facts=$(printf '%s\n' "$stdout" | grep -E '^(not )?ok ')
}

console <<'PAGE'
```console
$ echo one
one
$ printf 'a\nb\n' |
> cat
...
b
```
PAGE
is "$status $facts" "0 ok 1 - echo one
ok 2 - printf 'a\\nb\\n' | cat" 'a transcript that is true'

console <<'PAGE'
```console
$ echo one
two
```
PAGE
is "$status $facts" '1 not ok 1 - echo one' 'one that is not'

console <<'PAGE'
```sh
word=pasted
cat <<END
$word
END
```

It prints:

```text
pasted
```

```sh
echo anything
```

```sh
echo $word
```

```text
pasted
```
PAGE
is "$status $(printf '%s\n' "$facts" | grep -c '^ok')" '0 3' \
    'blocks to be pasted, in one shell'

console <<'PAGE'
```sh
echo one
```

```text
two
```
PAGE
is "$status" 1 'one that prints something else'

console <<'PAGE'
```sh
echo one
false
```
PAGE
is "$status" 1 'one that fails'

console <<'PAGE'
```c
int x;
```
PAGE
is "$status" 1 'a page without commands'

done_testing
