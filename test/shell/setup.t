#!/bin/sh
# scripts/setup, with a dpkg, an apt and a sudo that only pretend.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

# pretend NAME: a program of that name, its text on standard input; it notes in
# $tmp/called that it was called.
pretend()
{
	{
		cat <<-HEAD
		#!/bin/sh
		printf '%s\n' "$1 \$*" >>'$tmp/called'
		HEAD
		cat
	} >"$tmp/bin/$1"
	chmod +x "$tmp/bin/$1"
}

# setup ARGUMENT...: as an ordinary user without a terminal.
setup()
{
	: >"$tmp/called"
	PATH=$tmp/bin:$PATH run sh "$top/scripts/setup" "$@" </dev/null
	called=$(grep -v '^dpkg-query' "$tmp/called")
}

mkdir "$tmp/bin"
echo 'echo 1000' | pretend id
echo 'exit 1' | pretend sudo
: | pretend apt-get
pretend dpkg-query <<PROGRAM
for package; do :; done
! grep -qx -e "\$package" '$tmp/absent' || exit 1
echo installed
PROGRAM

: >"$tmp/absent"
setup
is "$status $stdout$stderr$called" '0 ' \
    'with nothing missing it says nothing and calls no other program'

printf '%s\n' rpcbind pkgconf mandoc >"$tmp/absent"
setup demo -n
is "$status" 1 'with something missing -n exits 1'
like "$stdout" '^ +rpcbind +[a-z]' 'names it, and what it is for'
unlike "$stdout" 'pkg-?conf' 'but not where another package will do'
unlike "$stdout" 'mandoc' 'nor what only a later stage needs'
is "$called" '' 'and calls no other program'
setup -n
like "$stdout" '^For .make demo. ' 'without a stage -n tells of the demo'
like "$stdout" '^For .make test. ' 'and of the tests'
like "$stdout" '^ +mandoc ' 'and what these need'
is "$status" 1 'and exits 1'
echo mandoc >"$tmp/absent"
setup -n
is "$status $(printf '%s\n' "$stdout" | grep -c ^For)" '1 1' \
    'also where only the tests need something'
printf '%s\n' rpcbind pkgconf mandoc >"$tmp/absent"
setup -n test
like "$stdout" '^ +mandoc ' 'a later stage needs it'
like "$stdout" '^ +rpcbind ' 'beside what the one before it needs'

# What a reader of README.md types, the first stage brings.
while read -r program package; do
	like "$(cat "$top/README.md")" "\\b$program " "README.md uses $program"
	echo "$package" >"$tmp/absent"
	setup demo -n
	like "$stdout" "^ +$package " "which $package brings"
done <<'LIST'
man man-db
rpcgen rpcsvc-proto
rpcinfo rpcbind
cc gcc
make make
LIST

echo clang >"$tmp/absent"
setup test-all -n
like "$stdout" '^ +clang +for test/all/' \
    'a stage of test-all says what it needs'
is "$(printf '%s\n' "$stdout" | grep -c '^ *clang ')" 1 'and is listed once'

echo rpcbind >"$tmp/absent"
setup
is "$status" 1 'without root or sudo it exits 1'
like "$stdout" "^  sh .*/scripts'?/setup demo\$" 'with the line to type'
unlike "$called" '^apt-get' 'and leaves apt alone'
unlike "$called" '^sudo ([^-]|-[^n])' 'nor does sudo ask without a terminal'

pretend sudo <<PROGRAM
[ "\$2" = true ] || : >'$tmp/absent'
PROGRAM
setup
is "$status" 0 'with a sudo that asks nothing it succeeds'
like "$called" '^sudo -n sh .*setup demo$' 'by going on as root'

echo librsvg2-bin >"$tmp/absent"
setup screenshots -n
like "$stdout" '^ +librsvg2-bin ' 'pictures need more'
setup test-all -n
unlike "$stdout" librsvg2-bin 'which no test needs'

setup --fast
is "$status" 2 'an unknown argument is refused'

# A system without dpkg or apt, which has the rest that is used.
mkdir "$tmp/other"
for program in sh sed cut awk cat tr; do
	ln -s "$(command -v "$program")" "$tmp/other/$program"
done
PATH=$tmp/other run sh "$top/scripts/setup"
is "$status" 1 'on another system it exits 1'
like "$stdout" '^ +rpcgen' 'and says in words what is needed'

done_testing
