#!/bin/sh
# call and list: any procedure, of reverse.x, of rpcbind and of a service that
# rpcgen made, by JSON.

# shellcheck disable=SC2317	# functions are called by succeeds
# shellcheck disable=SC2119	# daemon_start has options, needs none here
# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"
# shellcheck source=test/lib/daemon.sh
. "${0%/*}/../lib/daemon.sh"
private_network "$@"

daemon_start || bail 'the daemon does not start'

# Of reverse.x.
run reverse call REVERSE_PING
is "$status $stdout$stderr" '0 null' 'a call without arguments or a result'
args='{"context": {"deadline_ms": 0, "metadata": []},
    "unit": "UNIT_CODEPOINT", "text": "Grüße"}'
run reverse --json call REVERSE_TEXT "$args"
is "$status $stdout" \
    '0 {"code":"STATUS_OK","outcome":{"text":"eßürG","metadata":[]}}' \
    'arguments and result are JSON'
run reverse call REVERSE_TEXT "$args"
printf '%s\n' '{' '  "code": "STATUS_OK",' '  "outcome": {' \
    '    "text": "eßürG",' '    "metadata": []' '  }' '}' >"$tmp/wanted"
same "$tmp/stdout" "$tmp/wanted" 'which has lines for people'
printf '%s\n' "$args" >"$tmp/args"
run reverse --json call REVERSE_V1.REVERSE_TEXT - <"$tmp/args"
like "$status $stdout" '^0 .*"text":"eßürG"' 'JSON may be on standard input'
run reverse --json call REVERSE_PROG.REVERSE_V1.REVERSE_WHOAMI
like "$status $stdout" '^0 \{"code":"STATUS_OK","you":\{"flavor":1,"uid":' \
    'the procedure may be named in full'
run reverse --json -n udp call REVERSE_STATUS
like "$status $stdout" '"state":"HEALTH_SERVING"' 'by UDP as well'
run reverse --trace -q call REVERSE_TEXT "$args"
like "$stderr" ' text "Grüße"$' '--trace shows the call'

# A stream, by hand.
piece='"piece": {"first": 0, "messages": ["one", "two"], "last": true,
    "next": 0, "window": 100000}'
nothing='{"base64": "AAAAAAAAAAAAAAAAAAAAAA=="}'
run reverse --json call REVERSE_OPEN "{
    \"context\": {\"deadline_ms\": 0, \"metadata\": []},
    \"nonce\": $nothing, \"method\": \"METHOD_EACH\",
    \"unit\": \"UNIT_CODEPOINT\", \"pace_ms\": 0, \"largest\": 0,
    $piece, \"wait_ms\": 1000}"
like "$status $stdout" '^0 .*"messages":\["eno","owt"\],"last":true' \
    'OPEN has the answers'
like "$stdout" '"end":\{"why":\{"code":"STATUS_OK"' 'and the end'
stream=$(printf '%s' "$stdout" |
    sed 's/.*"stream":\({[^}]*}\|"[^"]*"\),.*/\1/')
run reverse --json call REVERSE_EXCHANGE "{\"stream\": $stream,
    \"piece\": {\"first\": 2, \"messages\": [], \"last\": true, \"next\": 2,
    \"window\": 100000}, \"wait_ms\": 0, \"ahead\": false}"
like "$status $stdout" '^0 .*"messages":\[\],"last":true' \
    'EXCHANGE goes on with the token that came'
run reverse --json call REVERSE_CANCEL "{\"stream\": $stream}"
is "$status $stdout" '0 {"code":"STATUS_OK"}' 'CANCEL ends it'
run reverse --json call REVERSE_EXCHANGE "{\"stream\": $nothing, $piece,
    \"wait_ms\": 0, \"ahead\": false}"
like "$status $stdout" '^1 \{"code":"STATUS_NOT_FOUND","why":' \
    'a refusal is a result, and exit code 1'
like "$stderr" '^reverse: the server refused: NOT_FOUND' 'and is said'

# As the server describes itself.
run reverse describe
cp "$tmp/stdout" "$tmp/described.x"
run reverse --json -x "$tmp/described.x" call REVERSE_CANCEL \
    "{\"stream\": $nothing}"
is "$status $stdout" '0 {"code":"STATUS_OK"}' 'a file may be of describe'

# What is wrong with the command line.
while IFS='|' read -r json wanted; do
	run reverse call REVERSE_TEXT "$json"
	is "$status $(printf '%s\n' "$stderr" | head -n 1)" \
	    "2 reverse: REVERSE_TEXT: $wanted" "$wanted"
done <<'END'
{|not JSON from byte 1 on: unexpected end of data
[]|an object of context, unit, text is wanted, not an array
{"unit": 1}|.context: is missing (call_context)
{"x": 1}|.x: there is no such field, but context, unit, text
END
like "$stderr" '^  reverse list REVERSE_TEXT shows what it takes$' 'with advice'
run reverse call REVERSE_TEXT
like "$status $stderr" '^2 .*: its arguments are missing$' 'missing arguments'
run reverse call REVERSE_PING '{}'
like "$status $stderr" '^2 .*: there are no arguments$' 'needless arguments'
for name in REVERSE_NONE AREVERSE_PING V1.REVERSE_PING A.REVERSE_V1.REVERSE_PING
do
	run reverse call "$name"
	like "$status $stderr" "^2 .* has no procedure $name; reverse list" \
	    "$name is no procedure"
done
run reverse -x "$tmp/none" call A
like "$status $stderr" "^2 reverse: cannot read $tmp/none: No such file" \
    'a file that is none'
printf 'const A = 1;\nstruct {' >"$tmp/bad.x"
run reverse -x "$tmp/bad.x" call A
like "$status $stderr" "^2 reverse: $tmp/bad.x:2: " \
    'a file that is wrong, with the line'
printf 'const A = 1;\n' >"$tmp/bad.x"
run reverse -x "$tmp/bad.x" call A
like "$status $stderr" "^2 reverse: $tmp/bad.x defines no program" \
    'a file without a program'

# list.
run "$build/reverse" list
is "$(printf '%s\n' "$stdout" | head -n 4)" 'program REVERSE_PROG = 544367990
  version REVERSE_V1 = 1
    void REVERSE_PING(void) = 0
    greet_result REVERSE_GREET(call_context) = 1' 'list has what reverse.x has'
run "$build/reverse" list REVERSE_CANCEL
is "$(printf '%s\n' "$stdout" | head -n 8)" \
    'cancel_result REVERSE_CANCEL(cancel_args) = 5
{
  "stream": {"base64": "AAAAAAAAAAAAAAAAAAAAAA=="}
}

struct cancel_args {
	token stream;
};' 'of one JSON to begin with, and its types'
like "$stdout" '^	STATUS_UNAUTHENTICATED = 16$' 'also those of the result'
"$build/reverse" list REVERSE_CANCEL | sed -n '2,/^}/p' >"$tmp/args"
run reverse --json call REVERSE_CANCEL - <"$tmp/args"
is "$status $stdout" '0 {"code":"STATUS_OK"}' 'which can be called with'
run "$build/reverse" list REVERSE_NONE
is "$status" 2 'a procedure that is none is wrong usage'

# dissector.
run "$build/reverse" dissector
like "$status $stdout" '^0 -- .*Wireshark' 'dissector prints a script'
like "$stdout" '^\[2\] = { name = "REVERSE_TEXT",$' 'for reverse.x'
like "$stdout" '^register_postdissector[(]proto[)]$' 'to its end'
run "$build/reverse" -x "$top/schema/rpcbind.x" dissector
like "$stdout" '^local NAME = "rpcbind"$' 'or for the file of -x'
run "$build/reverse" -x "$tmp/none.x" dissector
is "$status $stdout" '2 ' 'a file that cannot be read is wrong usage'

daemon_stop
run reverse --retry 0 call REVERSE_PING
is "$status" 3 'nobody there is exit code 3'

# rpcbind, by what RFC 1833 says of it.
[ "$RPCBIND_RECIPE" != none ] || {
	skip 26 'no rpcbind of its own: needs namespaces and rpcbind'
	done_testing
}
cat >"$tmp/bind.x" <<'END'
struct rpcb {
	unsigned int r_prog;
	unsigned int r_vers;
	string r_netid<>;
	string r_addr<>;
	string r_owner<>;
};
struct rpcblist {
	rpcb rpcb_map;
	rpcblist *rpcb_next;
};
typedef rpcblist *rpcblist_ptr;
program RPCBPROG {
	version RPCBVERS {
		bool RPCBPROC_SET(rpcb) = 1;
		string RPCBPROC_GETADDR(rpcb) = 3;
		rpcblist_ptr RPCBPROC_DUMP(void) = 4;
		unsigned int RPCBPROC_GETTIME(void) = 6;
		void RPCBPROC_NONE(void) = 99;
	} = 3;
	version RPCBVERS4 {
		string RPCBPROC_GETADDR(rpcb) = 3;
	} = 4;
	version RPCBVERS9 {
		void RPCBPROC_NINE(void) = 0;
	} = 9;
} = 100000;
END
of_rpcbind()
{
	"$build/reverse" -x "$tmp/bind.x" --retry 0 "$@"
}

rpcbind_knows()
{
	printf '{"r_prog": 100000, "r_vers": 4, "r_netid": "tcp",
	    "r_addr": "", "r_owner": ""}'
}

run of_rpcbind --json call RPCBPROC_DUMP
like "$status $stdout" \
    '^0 \{"rpcb_map":\{"r_prog":100000,.*"rpcb_next":null\}' \
    'rpcbind tells its list'
run of_rpcbind --json -n tcp -p 111 call RPCBVERS4.RPCBPROC_GETADDR \
    "$(rpcbind_knows)"
is "$status $stdout" '0 "127.0.0.1.0.111"' 'and an address, by a port'
for netid in udp tcp local; do
	run of_rpcbind -n "$netid" call RPCBPROC_GETTIME
	like "$status $stdout" '^0 [0-9]{10}$' "and the time, by $netid"
done
run of_rpcbind call RPCBPROC_GETADDR "$(rpcbind_knows)"
like "$status $stderr" '^  RPCBPROG\.RPCBVERS4\.RPCBPROC_GETADDR$' \
    'which of several is asked'
is "$status" 2 'as wrong usage'
run of_rpcbind call RPCBPROC_NONE
like "$status $stderr" '^1 .* did not do RPCBPROC_NONE: Procedure unavailable' \
    'a procedure that is not there'
run of_rpcbind -n tcp -p 111 call RPCBPROC_NINE
like "$status $stderr" '^1 .* serves versions 2 to 4 of RPCBPROG, and this ' \
    'a version that is not there'
run of_rpcbind --trace call RPCBPROC_GETTIME
like "$stderr" ' procedure_number RPCBPROC_GETTIME \(6\)$' \
    '--trace has the names of the file'

# A server like ours is found as ours is, where rpcbind does not know it.
if is_daemon; then
	daemon_start --no-rpcbind || bail 'the daemon does not start'
	for netid in tcp local; do
		run reverse -n "$netid" -x "$tmp/described.x" call REVERSE_PING
		is "$status $stdout" '0 null' "a server like ours, by $netid"
	done
	daemon_stop
else
	skip 2 'needs the daemon: it has a port and a Unix socket of its own'
fi

# A service that rpcgen made.
cat >"$tmp/echo.x" <<'END'
enum color { RED = 1, GREEN = 2 };
struct node { int value; node *next; };
union shape switch (color kind) {
case RED:
	unsigned hyper side;
case GREEN:
	void;
};
struct all {
	shape one[2];
	node *list;
	opaque raw<8>;
	string words<20>;
	double real;
	float small;
	hyper large;
	bool yes;
	int many<4>;
};
program ECHO_PROG {
	version ECHO_V1 {
		all ECHO_ALL(all) = 1;
		int ECHO_MINUS(int, int) = 2;
		int ECHO_DIE(void) = 3;
	} = 1;
} = 0x20001234;
END
cat >"$tmp/serves.c" <<'END'
#include "echo.h"
#include <unistd.h>

all *
echo_all_1_svc(all what, struct svc_req *request)
{
	static all same;

	(void)request;
	same = what;
	return &same;
}

int *
echo_minus_1_svc(int one, int other, struct svc_req *request)
{
	static int difference;

	(void)request;
	difference = one - other;
	return &difference;
}

int *
echo_die_1_svc(struct svc_req *request)
{
	(void)request;
	_exit(0);
}
END

build_service()
{
	cd "$tmp" && rpcgen -C -N -h -o echo.h echo.x &&
	    rpcgen -C -N -c -o echo_xdr.c echo.x &&
	    rpcgen -C -N -s tcp -o echo_svc.c echo.x &&
	    cc -w -I/usr/include/tirpc serves.c echo_xdr.c echo_svc.c \
		-ltirpc -o echo
}

registered()
{
	rpcinfo -t 127.0.0.1 536875572 1
}

succeeds 'rpcgen makes the service' build_service
"$tmp/echo" &
echo=$!
at_exit "kill $echo 2>/dev/null"
wait_until 20 registered
of_echo()
{
	"$build/reverse" --json -x "$tmp/echo.x" "$@"
}

all='{"one":[{"kind":"RED","side":18446744073709551615},{"kind":"GREEN"}],'
all=$all'"list":{"value":-1,"next":{"value":2,"next":null}},'
all=$all'"raw":{"base64":"AP8="},"words":"Grüße","real":0.10000000000000001,'
all=$all'"small":-1.5,"large":-9007199254740993,"yes":true,"many":[1,2,3]}'
run of_echo call ECHO_ALL "$all"
is "$status $stdout" "0 $all" 'all types go there and come back'
run of_echo call ECHO_MINUS '[5, 7]'
is "$status $stdout" '0 -2' 'several arguments are an array'
port=$(rpcinfo -p | awk '$1 == 536875572 { print $4 }')
run of_echo -p "$port" call ECHO_MINUS '[7, 5]'
is "$status $stdout" '0 2' 'a port is called without rpcbind'
run of_echo call ECHO_MINUS '[7]'
like "$status $stderr" '^2 .*: an array of 2 arguments is wanted$' \
    'and one is too few'
run of_echo --trace call ECHO_ALL "$all"
like "$stderr" ' kind GREEN \(2\)$' '--trace has its fields'
run "$build/reverse" -x "$tmp/echo.x" list
like "$stdout" '^    int ECHO_MINUS\(int, int\) = 2$' 'list has its procedures'

# A file that is not the service's.
sed 's/int ECHO_MINUS/hyper ECHO_MINUS/' "$tmp/echo.x" >"$tmp/wrong.x"
run "$build/reverse" -x "$tmp/wrong.x" call ECHO_MINUS '[7, 5]'
like "$status $stderr" "^1 .* an answer to ECHO_MINUS that $tmp/wrong.x does " \
    'an answer that the file does not allow'
like "$stderr" '^  at byte 0 of the result, result: the bytes end here$' \
    'with its place'
run of_rpcbind -n tcp -p "$port" call RPCBPROC_GETTIME
like "$status $stderr" '^3 .*but does not serve RPCBPROG \(program 100000\)' \
    'a program that is not there'

# What may have been done is not done again, while a server is looked for
# for half a minute.
run of_echo call ECHO_DIE
like "$status $stderr" '^3 reverse: the connection to .* was lost: ' \
    'a server that dies is lost'
like "$stderr" '^  ECHO_DIE may have been done, or not, so it is not called' \
    'and not called again'
run "$build/reverse" --retry 0 -x "$tmp/echo.x" -t 5 call ECHO_MINUS '[1, 1]'
like "$status $stderr" '^3 reverse: cannot reach a ECHO_PROG server at loc' \
    'nobody is there then'
unlike "$stderr" 'start one with' 'and how to start reversed is no help'

done_testing
