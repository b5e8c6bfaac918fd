/* The words of client/session/tried for what was tried in vain. */
#include "client/session/tried.h"

#include "test/lib/errors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <reverse.h>
#include <rpc/rpcb_prot.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct endpoint rpcbind = {
	.at.in = { .sin_family = AF_INET },
	.type = SOCK_STREAM,
	.len = sizeof(struct sockaddr_in),
};

/* A server at 192.0.2.1, port 5, that was tried. */
static struct locate_try
server(enum clnt_stat status, int error)
{
	static const struct locate_place place = { .name = "a.example" };
	struct locate_try what = {
		.step = LOCATE_SERVER,
		.outcome = LOCATE_UNANSWERED,
		.place = &place,
		.at = { .type = SOCK_STREAM,
		    .len = sizeof(struct sockaddr_in) },
		.error = { .re_status = status },
	};

	what.at.at.in.sin_family = AF_INET;
	what.at.at.in.sin_port = htons(5);
	inet_pton(AF_INET, "192.0.2.1", &what.at.at.in.sin_addr);
	what.error.re_errno = error;
	return what;
}

static void
assert_noted(const struct locate_try *what, const char *expect)
{
	struct say_lines lines = { .len = 0 };

	tried_note(&lines, &service_reverse, what);
	assert_int_equal(lines.len, strlen(expect));
	assert_memory_equal(lines.text, expect, lines.len);
}

static void
why_a_server_was_not_the_one_is_told(void **state)
{
	struct locate_try what = server(RPC_CANTSEND, ECONNREFUSED);

	(void)state;
	assert_noted(&what, "  tried 192.0.2.1:5: Connection refused\n");
	what.named_by = &rpcbind;
	assert_noted(&what,
	    "  tried 192.0.2.1:5 (named by rpcbind): Connection refused\n");
	what.outcome = LOCATE_NOT_OF_HOST;
	assert_noted(&what,
	    "  not tried: 192.0.2.1:5 (named by rpcbind) is not of that "
	    "host\n");
	what = server(RPC_PROGUNAVAIL, 0);
	assert_noted(&what,
	    "  tried 192.0.2.1:5: answers, but does not serve reverse "
	    "(program 544367990)\n");
	what = server(RPC_PROGVERSMISMATCH, 0);
	what.error.re_vers.low = 2;
	what.error.re_vers.high = 4;
	assert_noted(&what,
	    "  tried 192.0.2.1:5: serves versions 2 to 4 of reverse, and this "
	    "program speaks 1\n");
}

static void
another_service_has_its_name(void **state)
{
	static const struct service other = {
		.name = "OTHER",
		.program = 7,
		.version = 3,
	};
	struct say_lines lines = { .len = 0 };
	struct locate_try what = server(RPC_PROGVERSMISMATCH, 0);

	(void)state;
	tried_note(&lines, &other, &what);
	what.error.re_status = RPC_PROGUNAVAIL;
	tried_note(&lines, &other, &what);
	lines.text[lines.len] = '\0';
	assert_string_equal(lines.text,
	    "  tried 192.0.2.1:5: serves versions 0 to 0 of OTHER, and this "
	    "program speaks 3\n"
	    "  tried 192.0.2.1:5: answers, but does not serve OTHER "
	    "(program 7)\n");
}

/* As a portmapper has. */
static void
that_an_rpcbind_has_no_version_for_ipv6_is_told(void **state)
{
	struct locate_try what = server(RPC_PROGVERSMISMATCH, 0);

	(void)state;
	what.step = LOCATE_RPCBIND;
	what.at.at.in6.sin6_family = AF_INET6;
	what.at.at.in6.sin6_addr = in6addr_loopback;
	what.at.at.in6.sin6_port = htons(111);
	what.at.len = sizeof(struct sockaddr_in6);
	what.error.re_vers.low = 2;
	what.error.re_vers.high = 2;
	assert_noted(&what,
	    "  tried rpcbind at [::1]:111: its versions, 2 to 2, do not know "
	    "tcp6\n");
}

static void
addresses_that_are_left_out_are_told(void **state)
{
	static const struct locate_place place = { .name = "a\nb.example" };
	const struct locate_try what = {
		.step = LOCATE_NAME,
		.outcome = LOCATE_LEFT_OUT,
		.place = &place,
		.left_out = 4,
	};

	(void)state;
	assert_noted(&what,
	    "  not tried: 4 more addresses of a\\x0ab.example, after the first "
	    "16\n");
}

/* Those that say what to do come after them. */
static void
many_notes_leave_room_for_other_lines(void **state)
{
	static const char expect[] =
	    "x: too long for a Unix socket\n  and so on: -v shows all\nend\n";
	struct say_lines lines = { .len = 0 };
	char path[300];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	for (int i = 0; i < 100; i++)
		tried_note_path(&lines, path, "too long for a Unix socket");
	assert_in_range(lines.len, SAY_MAX / 4, SAY_MAX - 1024);
	say_line(&lines, "end");
	assert_non_null(
	    memmem(lines.text, lines.len, expect, sizeof(expect) - 1));
}

/* What is shown of a question to an rpcbind. */
static void
assert_traced(rpcvers_t version, const char *name)
{
	static const struct rpc_err done = { .re_status = RPC_SUCCESS };
	const struct channel_question question = {
		.program = RPCBPROG,
		.version = version,
	};
	const struct channel_call call = { .took_ns = 0 };
	struct errors errors;
	char expect[64], text[256];

	errors_begin(&errors);
	tried_trace(NULL, &rpcbind, &question, &call, &done);
	errors_read(&errors, text, sizeof(text));
	errors_end(&errors);
	snprintf(expect, sizeof(expect), "trace: %s ", name);
	assert_ptr_equal(strstr(text, expect), text);
}

static void
an_old_rpcbind_is_asked_otherwise(void **state)
{
	(void)state;
	assert_traced(RPCBVERS4, "RPCBPROC_GETADDR");
	assert_traced(RPCBVERS, "RPCBPROC_GETADDR");
	assert_traced(2, "PMAPPROC_GETPORT");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(why_a_server_was_not_the_one_is_told),
		cmocka_unit_test(another_service_has_its_name),
		cmocka_unit_test(
		    that_an_rpcbind_has_no_version_for_ipv6_is_told),
		cmocka_unit_test(addresses_that_are_left_out_are_told),
		cmocka_unit_test(many_notes_leave_room_for_other_lines),
		cmocka_unit_test(an_old_rpcbind_is_asked_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
