/* Who gets a connection when they are scarce: rpcloop/serve/admission. */
#include "rpcloop/serve/admission.h"
#include "test/lib/remote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { MAX = 64 };

static struct engine engine;
static struct remote peers[MAX];
static unsigned int count;

static bool
on_record(void *owner, struct connection *c, uint8_t *body, size_t len)
{
	(void)owner;
	(void)c;
	(void)body;
	(void)len;
	return true;
}

static int
setup(void **state)
{
	struct engine_limits limits = remote_limits();

	(void)state;
	limits.connections = MAX;
	count = 0;
	log_set_level(LOG_LEVEL_ERROR);
	return engine_init(&engine, &limits, on_record, NULL);
}

static int
teardown(void **state)
{
	(void)state;
	while (count > 0)
		close(peers[--count].fd);
	engine_deinit(&engine);
	return 0;
}

static void
connect_from(unsigned int host, unsigned int n)
{
	while (n-- > 0)
		peers[count++] = remote_connect(&engine, host);
}

static bool
allows(const char *from)
{
	struct address a;

	assert_int_equal(address_parse(&a, from, 1), 0);
	return admission_allows(&engine.admission, &a);
}

static unsigned int
open_from(unsigned int first, unsigned int n)
{
	unsigned int open = 0;

	for (unsigned int i = first; i < first + n; i++)
		open += peers[i].c->life == CONNECTION_OPEN;
	return open;
}

static void
one_peer_may_have_most_while_there_are_enough(void **state)
{
	(void)state;
	connect_from(1, MAX / 4 * 3 - 1);
	assert_true(allows("192.0.2.1"));
}

static void
beyond_three_quarters_a_peer_has_its_share(void **state)
{
	(void)state;
	connect_from(1, MAX / 4);
	connect_from(2, MAX / 2);
	assert_false(allows("192.0.2.1"));
	assert_true(allows("192.0.2.3"));
	assert_true(allows("127.0.0.1"));
}

static void
at_the_limit_nobody_is_let_in(void **state)
{
	(void)state;
	connect_from(1, MAX);
	assert_false(allows("192.0.2.9"));
	assert_false(allows("127.0.0.1"));
}

/* Whoever is silent longest goes first, of the peer that holds most. */
static void
the_largest_holders_idle_ones_make_room(void **state)
{
	(void)state;
	connect_from(1, 20);
	connect_from(2, 43);
	for (unsigned int i = 20; i < 25; i++)
		peers[i].c->active_ms -= 10 * 1000;
	assert_true(allows("192.0.2.9"));
	assert_int_equal(open_from(0, 20), 20);
	assert_int_equal(open_from(20, 5), 0);
	assert_int_equal(open_from(25, 38), 38);
	remote_run(&engine);
	assert_int_equal(engine_connections(&engine), 58);
}

/* Many may connect before those that made room are gone. */
static void
room_is_made_once_for_all_that_connect_together(void **state)
{
	(void)state;
	connect_from(1, 63);
	for (unsigned int i = 0; i < 63; i++)
		peers[i].c->active_ms -= 10 * 1000;
	for (unsigned int i = 0; i < 10; i++)
		assert_true(allows("127.0.0.1"));
	assert_int_equal(open_from(0, 63), 63 - (MAX / 16 + 1));
}

static void
one_with_a_call_under_way_is_never_taken(void **state)
{
	static struct owed_reply owed;

	(void)state;
	connect_from(1, 63);
	for (unsigned int i = 0; i < 63; i++)
		peers[i].c->active_ms -= 10 * 1000;
	peers[0].c->active_ms -= 10 * 1000;
	connection_owe(peers[0].c, &owed);
	assert_false(allows("192.0.2.1"));
	assert_int_equal(open_from(0, 1), 1);
	assert_int_equal(open_from(1, 62), 62 - (MAX / 16 + 1));
	connection_settle_owed(peers[0].c, &owed);
}

/* It has not been read: the daemon was busy, or stopped. */
static void
one_whose_call_waits_in_its_socket_is_not_taken(void **state)
{
	(void)state;
	connect_from(1, 63);
	for (unsigned int i = 0; i < 63; i++)
		peers[i].c->active_ms -= 10 * 1000;
	peers[0].c->active_ms -= 10 * 1000;
	remote_send_record(&peers[0], "call", 4);
	assert_false(allows("192.0.2.1"));
	assert_int_equal(open_from(0, 1), 1);
	assert_int_equal(open_from(1, 62), 62 - (MAX / 16 + 1));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(one_peer_may_have_most_while_there_are_enough),
		TEST(beyond_three_quarters_a_peer_has_its_share),
		TEST(at_the_limit_nobody_is_let_in),
		TEST(the_largest_holders_idle_ones_make_room),
		TEST(room_is_made_once_for_all_that_connect_together),
		TEST(one_with_a_call_under_way_is_never_taken),
		TEST(one_whose_call_waits_in_its_socket_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
