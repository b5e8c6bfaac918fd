/* A search may be ended at any time, by any of its hooks: rpcloop/call/locate.
 */
#include "test/lib/seek_network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define A_RPCBIND "192.0.2.1:9111"
#define A_DEFAULT "192.0.2.1:20726"

static void
end(void)
{
	locate_free(seek.search);
	seek.search = NULL;
	seek_assert_silent();
}

static void
before_its_first_turn(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 0);
	seek_start();
	end();
	seek_assert_connects("");
	locate_free(NULL);
}

static void
while_a_name_is_looked_up(void **state)
{
	(void)state;
	seek.addresses = "192.0.2.1";
	seek_host("host.example", 0);
	seek_start();
	assert_int_equal(loop_turn(&seek.loop), 0);
	end();
	seek_await_lookup();
}

static void
while_it_connects_to_rpcbind(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 0);
	seek_route(A_RPCBIND, NULL);
	seek_turns();
	seek_assert_connects(A_RPCBIND " ");
	end();
}

static void
while_rpcbind_keeps_silent(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 0);
	seek_route(A_RPCBIND, seek_fake(SOCK_STREAM, fake_hangs));
	seek_turns();
	assert_int_equal(seek.fakes[0].count, 1);
	end();
}

static void
while_it_connects_to_a_server(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 20726);
	seek_route(A_DEFAULT, NULL);
	seek_turns();
	seek_assert_connects(A_DEFAULT " ");
	end();
}

static void
while_a_server_keeps_silent(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 20726);
	seek_host("192.0.2.2", 20726);
	seek_route(A_DEFAULT, seek_fake(SOCK_STREAM, fake_hangs));
	seek_turns();
	assert_int_equal(seek.fakes[0].count, 1);
	end();
}

/* With an rpcbind, one that has failed, and a server. */
static void
begin_all(void)
{
	struct fake *rpcbind = seek_fake(SOCK_STREAM, fake_is_rpcbind);

	rpcbind->address = "127.0.0.1.80.246";
	seek_host("192.0.2.1", 0);
	seek_route(A_RPCBIND, rpcbind);
	seek_route(A_DEFAULT, seek_fake(SOCK_STREAM, fake_serves));
}

static void
by_whoever_is_told_of_a_try(void **state)
{
	(void)state;
	begin_all();
	seek.frees_tried = true;
	seek_run();
	assert_null(seek.search);
	assert_int_equal(seek.tries, 1);
	seek_assert_silent();
}

static void
by_whoever_is_told_of_a_refusal(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 20726);
	seek_host("192.0.2.2", 20726);
	seek.frees_tried = true;
	seek_run();
	assert_int_equal(seek.tries, 1);
	seek_assert_silent();
	seek_assert_connects(A_DEFAULT " ");
}

static void
by_whoever_is_told_that_an_address_is_not_tried(void **state)
{
	(void)state;
	begin_all();
	seek.frees_after = 2;
	seek_run();
	assert_null(seek.search);
	assert_int_equal(seek.tries, 2);
	seek_assert_try(1, LOCATE_SERVER, LOCATE_NOT_OF_HOST);
	seek_assert_silent();
}

static void
by_whoever_is_told_of_a_name(void **state)
{
	(void)state;
	seek_host("host.example", 0);
	seek_host("192.0.2.1", 0);
	seek.frees_tried = true;
	seek_run();
	seek_assert_try(0, LOCATE_NAME, LOCATE_NO_NAME);
	seek_assert_silent();
}

static void
by_whoever_is_told_of_a_call(void **state)
{
	(void)state;
	begin_all();
	seek.frees_called = true;
	seek_run();
	assert_null(seek.search);
	assert_int_equal(seek.calls, 1);
	seek_assert_silent();
}

static void
by_whoever_is_told_of_the_call_to_a_server(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 20726);
	seek_host("192.0.2.2", 20726);
	seek_route(A_DEFAULT, seek_fake(SOCK_STREAM, fake_serves));
	seek.frees_called = true;
	seek_run();
	assert_int_equal(seek.calls, 1);
	seek_assert_silent();
}

/* Its connection is the only one there could be. */
static void
by_whoever_is_told_of_the_only_connection(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 20726);
	seek_route(A_DEFAULT, seek_fake(SOCK_STREAM, fake_serves));
	seek.frees_end = true;
	seek_run();
	assert_null(seek.search);
	seek_assert_found(A_DEFAULT);
	channel_close(seek.found);
	seek.found = NULL;
}

static void
by_whoever_is_told_that_the_only_one_refused(void **state)
{
	struct fake *gone = seek_fake(SOCK_STREAM, fake_serves);

	(void)state;
	seek_host("127.0.0.1", endpoint_port(&gone->at));
	fake_stop(gone);
	seek.frees_tried = true;
	seek_run();
	assert_int_equal(seek.tries, 1);
	seek_assert_silent();
}

static void
by_whoever_is_told_that_a_server_was_found(void **state)
{
	(void)state;
	begin_all();
	seek.frees_end = true;
	seek_run();
	assert_null(seek.search);
	seek_assert_found(A_DEFAULT);
	assert_ptr_equal(seek.place, &seek.places[0]);
}

static void
by_whoever_is_told_that_there_is_nobody(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 20726);
	seek.frees_end = true;
	seek_run();
	assert_null(seek.search);
	seek_assert_nobody();
}

/* Whoever is told may open a channel, and begin anew. */
static void
and_begun_anew(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 20726);
	seek_run();
	seek_assert_nobody();
	locate_free(seek.search);
	seek.ends = 0;
	seek.tries = 0;
	seek_route(A_DEFAULT, seek_fake(SOCK_STREAM, fake_serves));
	seek_start();
	seek_run();
	seek_assert_found(A_DEFAULT);
	seek_assert_connects(A_DEFAULT " " A_DEFAULT " ");
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, seek_setup, seek_teardown)
	const struct CMUnitTest tests[] = {
		TEST(before_its_first_turn),
		TEST(while_a_name_is_looked_up),
		TEST(while_it_connects_to_rpcbind),
		TEST(while_rpcbind_keeps_silent),
		TEST(while_it_connects_to_a_server),
		TEST(while_a_server_keeps_silent),
		TEST(by_whoever_is_told_of_a_try),
		TEST(by_whoever_is_told_of_a_refusal),
		TEST(by_whoever_is_told_that_an_address_is_not_tried),
		TEST(by_whoever_is_told_of_a_name),
		TEST(by_whoever_is_told_of_a_call),
		TEST(by_whoever_is_told_of_the_call_to_a_server),
		TEST(by_whoever_is_told_of_the_only_connection),
		TEST(by_whoever_is_told_that_the_only_one_refused),
		TEST(by_whoever_is_told_that_a_server_was_found),
		TEST(by_whoever_is_told_that_there_is_nobody),
		TEST(and_begun_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
