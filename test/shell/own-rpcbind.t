#!/bin/sh
# scripts/own-rpcbind: an rpcbind for whoever has none.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"
needs_daemon 'what is tested is a script of its own'
needs_rpcbind

# own COMMAND: by a shell with an rpcbind of its own, as an ordinary user.
own()
{
	# shellcheck disable=SC2086	# a list of words
	run env -u RPCBIND_RECIPE -u RUNTIME_DIRECTORY BUILD="$build" \
	    $as_user sh "$top/scripts/own-rpcbind" sh -c "$1" </dev/null
}

as_user=
options=$no_sandbox
if [ "$RPCBIND_RECIPE" = root ]; then
	as_user='setpriv --reuid=65534 --regid=65534 --clear-groups'
	if ! $as_user unshare -Urnmpf true 2>/dev/null; then
		skip_all 'no namespaces for ordinary users'
	fi
	user=65534
	# The tree may be closed to others.
	mkdir -p "$tmp/tree/test" "$tmp/tree/build"
	cp -R "$top/scripts" "$tmp/tree"
	cp -R "$top/test/lib" "$tmp/tree/test"
	cp "$build/reverse" "$build/reversed" "$tmp/tree/build"
	chmod -R go+rX "$tmp/tree"
	top=$tmp/tree
	build=$top/build
else
	user=$(id -u)
	# Root in name alone cannot become another user.
	[ "$user" -ne 0 ] || options="--user root $options"
fi
cd "$top" || exit

own 'id -u; rpcinfo >/dev/null && echo there'
is "$status $stdout" "0 $user
there" 'who asks for one stays who they are, and has one'
# shellcheck disable=SC2016	# for the shell inside
own 'sh scripts/start '"$options"' >/dev/null &&
    rpcinfo -T tcp 127.0.0.1 544367990 1 && "$BUILD/reverse" send abc'
is "$status" 0 'where a daemon serves'
like "$stdout" '^program 544367990 version 1 ready' 'and is registered'
like "$stdout" '^cba$' 'and is found'
own 'exit 7'
is "$status" 7 'the exit code is that of the command'
# shellcheck disable=SC2016	# for the shell inside
own 'echo $RUNTIME_DIRECTORY'
is "$(ls "$stdout" 2>/dev/null)" '' 'and nothing is left of it'
run rpcinfo -T tcp 127.0.0.1 544367990 1
unlike "$status" '^0$' 'the one outside knows nothing of it'
run env -u RPCBIND_RECIPE RPCBIND_WANTED=nothing \
    sh "$top/scripts/own-rpcbind" true
is "$status" 125 'where there is none to be had it says so'
# shellcheck disable=SC2016	# as above
run env -u RPCBIND_RECIPE RPCBIND_WANTED=nothing \
    sh "$top/scripts/own-rpcbind" --or-none sh -c 'echo $RPCBIND_RECIPE'
is "$status $stdout" '0 none' 'or goes on without'

done_testing
