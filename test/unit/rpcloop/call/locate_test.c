/* The search for a server, its order and its ends: rpcloop/call/locate. */
#include "test/lib/seek_network.h"

#include "base/base.h"

#include <errno.h>
#include <rpc/rpcb_prot.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PORT = 20999, BRIEF_MS = 20 };

#define A "192.0.2.1:20999"
#define B "192.0.2.2:20999"
#define C "192.0.2.3:20999"

/* There would be another. */
static void
a_server_that_answers_a_ping_is_found(void **state)
{
	struct fake *server = seek_fake(SOCK_STREAM, fake_serves);

	(void)state;
	seek_host("127.0.0.1", endpoint_port(&server->at));
	seek_host("192.0.2.1", PORT);
	seek_run();
	assert_non_null(seek.found);
	assert_true(endpoint_equal(&seek.found->to, &server->at));
	seek_assert_found(seek.connects[0]);
	assert_ptr_equal(seek.place, &seek.places[0]);
	assert_int_equal(seek.connect_count, 1);
	assert_int_equal(server->count, 1);
	assert_int_equal(server->calls[0].procedure, 0);
	assert_int_equal(seek.calls, 1);
	assert_int_equal(seek.stats[0], RPC_SUCCESS);
	assert_int_equal(seek.tries, 0);
}

/* The first call over it says what is there. */
static void
where_there_is_no_choice_a_connection_is_enough(void **state)
{
	struct fake *any = seek_fake(SOCK_STREAM, fake_hangs);

	(void)state;
	seek.addresses = "192.0.2.1";
	seek_host("host.example", PORT);
	seek_route(A, any);
	seek_run();
	seek_assert_found(A);
	assert_ptr_equal(seek.place, &seek.places[0]);
	assert_int_equal(any->accepted, 1);
	assert_int_equal(any->count, 0);
	assert_int_equal(seek.calls, 0);
	assert_int_equal(seek.tries, 0);
}

static void
without_a_choice_silence_has_a_limit(void **state)
{
	(void)state;
	seek_host("192.0.2.1", PORT);
	seek_route(A, NULL);
	seek.terms.pace.step = BRIEF_MS;
	seek_run();
	seek_assert_nobody();
	assert_int_equal(seek.tries, 1);
	seek_assert_try(0, LOCATE_SERVER, LOCATE_UNANSWERED);
	assert_int_equal(seek.tried[0].error.re_status, RPC_CANTSEND);
	assert_int_equal(seek.tried[0].error.re_errno, ETIMEDOUT);
}

static void
without_a_choice_a_refusal_is_told(void **state)
{
	struct fake *gone = seek_fake(SOCK_STREAM, fake_serves);

	(void)state;
	seek_host("127.0.0.1", endpoint_port(&gone->at));
	fake_stop(gone);
	seek_run();
	seek_assert_nobody();
	assert_int_equal(seek.tries, 1);
	seek_assert_try(0, LOCATE_SERVER, LOCATE_UNANSWERED);
	assert_int_equal(seek.tried[0].error.re_status, RPC_CANTSEND);
	assert_int_equal(seek.tried[0].error.re_errno, ECONNREFUSED);
}

/* One that has failed was a choice: the last may not be a server. */
static void
the_last_of_several_has_to_answer(void **state)
{
	(void)state;
	seek_host("192.0.2.1", PORT);
	seek_host("192.0.2.2", PORT);
	seek_route(B, seek_fake(SOCK_STREAM, fake_is_another));
	seek_run();
	seek_assert_nobody();
	assert_int_equal(seek.fakes[0].count, 1);
}

static int
says_no_reply(
    struct fake *fake, const struct call_header *call, uint32_t *words)
{
	(void)fake;
	(void)call;
	words[0] = CALL;
	return 1;
}

/* Nobody's, somebody else's, or broken: the next address is tried. */
static void
no_server_is_one_that_does_not_answer(void **state)
{
	static const struct {
		int (*answer)(struct fake *fake, const struct call_header *call,
		    uint32_t *words);
		const char *greeting;
		enum clnt_stat status;
		int error;
	} rows[] = {
		{ NULL, NULL, RPC_CANTRECV, ECONNRESET },
		{ fake_hangs, "HTTP/1.1 400 Bad Request\r\n\r\n", RPC_CANTRECV,
		    EMSGSIZE },
		/* That is 65 KiB to come. */
		{ fake_hangs, "\x80\x01\x01\x01", RPC_CANTRECV, EMSGSIZE },
		{ says_no_reply, NULL, RPC_CANTRECV, EBADMSG },
		{ fake_is_another, NULL, RPC_PROGUNAVAIL, 0 },
		{ fake_is_rpcbind, NULL, RPC_PROGUNAVAIL, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		seek.addresses = "192.0.2.1 192.0.2.2";
		seek_host("host.example", PORT);
		seek_route(A, seek_fake(SOCK_STREAM, rows[i].answer));
		seek.fakes[0].greeting = rows[i].greeting;
		seek_route(B, seek_fake(SOCK_STREAM, fake_serves));
		seek_run();
		seek_assert_found(B);
		seek_assert_connects(A " " B " ");
		assert_int_equal(seek.tries, 1);
		seek_assert_try(0, LOCATE_SERVER, LOCATE_UNANSWERED);
		assert_int_equal(seek.tried[0].error.re_status, rows[i].status);
		if (rows[i].error != 0)
			assert_int_equal(
			    seek.tried[0].error.re_errno, rows[i].error);
		assert_null(seek.tried[0].named_by);
		seek_teardown(state);
		assert_int_equal(seek_setup(state), 0);
	}
}

static void
the_loopback_is_tried_at_both_addresses(void **state)
{
	struct fake *server = seek_fake(SOCK_STREAM, fake_serves);
	char expected[2 * SEEK_TEXT];
	uint16_t port = endpoint_port(&server->at);

	(void)state;
	seek_host("localhost", port);
	seek_run();
	snprintf(expected, sizeof(expected), "127.0.0.1:%u", port);
	seek_assert_found(expected);
}

static void
what_fails_at_once_is_followed_at_once(void **state)
{
	(void)state;
	seek.addresses = "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5";
	seek_host("host.example", PORT);
	seek_route("192.0.2.5:20999", seek_fake(SOCK_STREAM, fake_serves));
	seek_run();
	seek_assert_found("192.0.2.5:20999");
	seek_assert_connects(A " " B " " C " 192.0.2.4:20999 192.0.2.5:20999 ");
	assert_int_equal(seek.tries, 4);
	for (size_t i = 0; i < 4; i++) {
		seek_assert_try(i, LOCATE_SERVER, LOCATE_UNANSWERED);
		assert_int_equal(seek.tried[i].error.re_status, RPC_CANTSEND);
		assert_int_equal(seek.tried[i].error.re_errno, ECONNREFUSED);
	}
}

static void
a_silent_address_is_followed_after_a_moment(void **state)
{
	(void)state;
	seek.addresses = "192.0.2.1 192.0.2.2 192.0.2.3";
	seek_host("host.example", PORT);
	seek_route(A, NULL);
	seek_route(B, seek_fake(SOCK_STREAM, fake_hangs));
	seek_route(C, seek_fake(SOCK_STREAM, fake_serves));
	seek_staggered();
	seek_run();
	seek_assert_found(C);
	seek_assert_connects(A " " B " " C " ");
	assert_int_equal(seek.tries, 0);
	/* The others are closed. */
	assert_int_equal(seek.fakes[0].accepted, 1);
	assert_null(seek.fakes[0].peers[0].fake);
	assert_non_null(seek.fakes[1].peers[0].fake);
}

/* Before a moment is over, only failure brings the next. */
static void
no_more_are_tried_than_have_to_be(void **state)
{
	(void)state;
	seek_host("192.0.2.1", PORT);
	seek_host("192.0.2.2", PORT);
	seek_host("192.0.2.3", PORT);
	seek_route(B, seek_fake(SOCK_STREAM, fake_hangs));
	seek_route(C, seek_fake(SOCK_STREAM, fake_serves));
	seek_turns();
	seek_assert_connects(A " " B " ");
	assert_int_equal(seek.fakes[0].count, 1);
	assert_int_equal(seek.ends, 0);
}

static void
silence_has_a_limit(void **state)
{
	(void)state;
	seek.addresses = "192.0.2.1 192.0.2.2";
	seek_host("host.example", PORT);
	seek_route(A, NULL);
	seek_route(B, seek_fake(SOCK_STREAM, fake_hangs));
	seek.terms.pace.step = BRIEF_MS;
	seek_run();
	seek_assert_nobody();
	seek_assert_connects(A " " B " ");
	assert_int_equal(seek.tries, 2);
	for (size_t i = 0; i < 2; i++) {
		seek_assert_try(i, LOCATE_SERVER, LOCATE_UNANSWERED);
		assert_int_equal(seek.tried[i].error.re_status, RPC_TIMEDOUT);
	}
}

static void
equal_addresses_are_tried_once(void **state)
{
	(void)state;
	seek.addresses = "192.0.2.1 192.0.2.1 192.0.2.2 192.0.2.1";
	seek_host("host.example", PORT);
	seek_host("192.0.2.2", PORT);
	seek_host("192.0.2.2", PORT + 1);
	seek_run();
	seek_assert_nobody();
	seek_assert_connects(A " " B " 192.0.2.2:21000 ");
	assert_int_equal(seek.tries, 3);
	assert_ptr_equal(seek.tried[1].place, &seek.places[0]);
	assert_ptr_equal(seek.tried[2].place, &seek.places[2]);
}

static void
sixteen_addresses_of_a_host_are_tried(void **state)
{
	char list[20 * sizeof("192.0.2.10 ")] = "", one[16];

	(void)state;
	for (int i = 10; i < 30; i++) {
		snprintf(
		    one, sizeof(one), "%s192.0.2.%d", i > 10 ? " " : "", i);
		strcat(list, one);
	}
	seek.addresses = list;
	seek_host("host.example", PORT);
	seek_run();
	seek_assert_nobody();
	assert_int_equal(seek.connect_count, 16);
	assert_string_equal(seek.connects[15], "192.0.2.25:20999");
	seek_assert_try(0, LOCATE_NAME, LOCATE_LEFT_OUT);
	assert_int_equal(seek.tried[0].left_out, 4);
	assert_int_equal(seek.tries, 17);
}

/* One that comes again is none of those that are left out. */
static void
of_sixteen_addresses_none_is_left_out(void **state)
{
	char list[17 * sizeof("192.0.2.10 ")] = "192.0.2.10", one[16];

	(void)state;
	for (int i = 10; i < 26; i++) {
		snprintf(one, sizeof(one), " 192.0.2.%d", i);
		strcat(list, one);
	}
	seek.addresses = list;
	seek_host("host.example", PORT);
	seek_run();
	seek_assert_nobody();
	assert_int_equal(seek.connect_count, 16);
	seek_assert_try(0, LOCATE_SERVER, LOCATE_UNANSWERED);
	assert_int_equal(seek.tries, 16);
}

static void
places_come_in_the_order_of_the_caller(void **state)
{
	(void)state;
	seek_host("192.0.2.3", PORT);
	seek_host("host.example", PORT);
	seek_path("/nonexistent/socket");
	seek_host("192.0.2.1", PORT);
	seek_route(A, seek_fake(SOCK_STREAM, fake_serves));
	seek_run();
	seek_assert_found(A);
	assert_ptr_equal(seek.place, &seek.places[3]);
	seek_assert_connects(C " /nonexistent/socket " A " ");
	assert_int_equal(seek.tries, 3);
	seek_assert_try(1, LOCATE_NAME, LOCATE_NO_NAME);
	assert_int_equal(seek.tried[1].gai, EAI_NONAME);
	assert_ptr_equal(seek.tried[1].place, &seek.places[1]);
	seek_assert_try(2, LOCATE_SERVER, LOCATE_UNANSWERED);
	assert_int_equal(seek.tried[2].error.re_errno, ENOENT);
}

static void
a_path_is_a_unix_socket(void **state)
{
	char path[64], long_path[120];

	(void)state;
	snprintf(path, sizeof(path), "/tmp/locate_test.%d", (int)getpid());
	memset(long_path, 'x', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	seek.fakes[0].answer = fake_serves;
	fake_start(&seek.fakes[0], &seek.loop, SOCK_STREAM, path);
	seek_path(long_path);
	seek_path(path);
	seek_run();
	seek_assert_found(path);
	assert_int_equal(seek.tries, 1);
	seek_assert_try(0, LOCATE_SERVER, LOCATE_UNANSWERED);
	assert_int_equal(seek.tried[0].error.re_errno, ENAMETOOLONG);
}

static void
over_udp_only_an_answer_proves_a_server(void **state)
{
	(void)state;
	seek.terms.type = SOCK_DGRAM;
	seek.addresses = "192.0.2.1 192.0.2.2 192.0.2.3";
	seek_host("host.example", PORT);
	seek_route(A, seek_fake(SOCK_DGRAM, fake_is_another));
	seek_route(B, seek_fake(SOCK_DGRAM, fake_hangs));
	seek_route(C, seek_fake(SOCK_DGRAM, fake_serves));
	seek_staggered();
	seek_run();
	seek_assert_found(C);
	assert_int_equal(seek.found->to.type, SOCK_DGRAM);
	assert_int_equal(seek.tries, 1);
	assert_int_equal(seek.tried[0].error.re_status, RPC_PROGUNAVAIL);
}

static void
over_udp_a_refusal_is_told(void **state)
{
	struct fake *gone = seek_fake(SOCK_DGRAM, fake_serves);

	(void)state;
	seek.terms.type = SOCK_DGRAM;
	seek_host("127.0.0.1", endpoint_port(&gone->at));
	fake_stop(gone);
	seek_run();
	seek_assert_nobody();
	assert_int_equal(seek.tries, 1);
	assert_int_equal(seek.tried[0].error.re_errno, ECONNREFUSED);
}

static void
the_family_is_that_of_the_terms(void **state)
{
	(void)state;
	seek.terms.family = AF_INET6;
	seek_host("127.0.0.1", PORT);
	seek_run();
	seek_assert_nobody();
	seek_assert_connects("");
	seek_assert_try(0, LOCATE_NAME, LOCATE_NO_NAME);
	assert_int_not_equal(seek.tried[0].gai, 0);
}

static void
the_scope_of_an_address_is_kept(void **state)
{
	(void)state;
	seek_host("fe80::1%lo", PORT);
	seek_run();
	seek_assert_nobody();
	assert_int_equal(seek.tries, 1);
	assert_int_equal(seek.tried[0].at.at.in6.sin6_scope_id, 1);
}

static void
without_a_place_there_is_nobody(void **state)
{
	(void)state;
	seek_run();
	seek_assert_nobody();
	assert_int_equal(seek.tries, 0);
}

static void
what_was_begun_may_be_told_when_time_is_over(void **state)
{
	(void)state;
	seek_host("192.0.2.1", PORT);
	seek_host("192.0.2.2", PORT);
	seek_route(A, NULL);
	seek_turns();
	locate_tell_unfinished(seek.search);
	assert_int_equal(seek.tries, 1);
	seek_assert_try(0, LOCATE_SERVER, LOCATE_UNFINISHED);
	assert_int_equal(seek.tried[0].error.re_status, RPC_TIMEDOUT);
	assert_int_equal(seek.tried[0].error.re_errno, ETIMEDOUT);
	seek.frees_tried = true;
	locate_tell_unfinished(seek.search);
	assert_null(seek.search);
	assert_int_equal(seek.tries, 2);
}

/* Without an errno: there is a connection. */
static void
what_keeps_silent_when_time_is_over_is_told_so(void **state)
{
	(void)state;
	seek_host("192.0.2.1", PORT);
	seek_host("192.0.2.2", PORT);
	seek_route(A, seek_fake(SOCK_STREAM, fake_hangs));
	seek_turns();
	locate_tell_unfinished(seek.search);
	assert_int_equal(seek.tries, 1);
	seek_assert_try(0, LOCATE_SERVER, LOCATE_UNFINISHED);
	assert_int_equal(seek.tried[0].error.re_status, RPC_TIMEDOUT);
	assert_int_equal(seek.tried[0].error.re_errno, 0);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, seek_setup, seek_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_server_that_answers_a_ping_is_found),
		TEST(where_there_is_no_choice_a_connection_is_enough),
		TEST(without_a_choice_silence_has_a_limit),
		TEST(without_a_choice_a_refusal_is_told),
		TEST(the_last_of_several_has_to_answer),
		TEST(no_server_is_one_that_does_not_answer),
		TEST(the_loopback_is_tried_at_both_addresses),
		TEST(what_fails_at_once_is_followed_at_once),
		TEST(a_silent_address_is_followed_after_a_moment),
		TEST(no_more_are_tried_than_have_to_be),
		TEST(silence_has_a_limit),
		TEST(equal_addresses_are_tried_once),
		TEST(sixteen_addresses_of_a_host_are_tried),
		TEST(of_sixteen_addresses_none_is_left_out),
		TEST(places_come_in_the_order_of_the_caller),
		TEST(a_path_is_a_unix_socket),
		TEST(over_udp_only_an_answer_proves_a_server),
		TEST(over_udp_a_refusal_is_told),
		TEST(the_family_is_that_of_the_terms),
		TEST(the_scope_of_an_address_is_kept),
		TEST(without_a_place_there_is_nobody),
		TEST(what_was_begun_may_be_told_when_time_is_over),
		TEST(what_keeps_silent_when_time_is_over_is_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
