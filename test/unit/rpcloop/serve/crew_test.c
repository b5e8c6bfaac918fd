/* Connections and datagrams of several engines: rpcloop/serve/crew. */
#include "rpcloop/serve/crew.h"

#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/net/datagram.h"
#include "test/lib/remote.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { MEMBERS = 3, MOST = 8, WAIT_MS = 10000 };

static struct crew crew;
static struct engine engines[MEMBERS];
static struct listener *listener;
static int sockets[MOST + 8];
static unsigned int socket_count;
static unsigned int received[MEMBERS]; /* datagrams */

static bool
on_record(void *owner, struct connection *c, uint8_t *body, size_t len)
{
	(void)owner;
	(void)c;
	(void)body;
	(void)len;
	return true;
}

static void
listen_somewhere(void)
{
	struct address any;

	assert_int_equal(address_parse(&any, "127.0.0.1", 0), 0);
	assert_int_equal(engine_listen(&engines[0], &any, &listener), 0);
}

static int
setup(void **state)
{
	struct engine_limits limits = remote_limits();

	(void)state;
	limits.connections = MOST;
	socket_count = 0;
	memset(received, 0, sizeof(received));
	assert_int_equal(crew_init(&crew, MEMBERS), 0);
	for (unsigned int i = 0; i < MEMBERS; i++) {
		assert_int_equal(
		    engine_init(&engines[i], &limits, on_record, &engines[i]),
		    0);
		assert_int_equal(crew_join(&crew, i, &engines[i]), 0);
	}
	listen_somewhere();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	while (socket_count > 0)
		close(sockets[--socket_count]);
	while (crew_run(&crew))
		continue;
	crew_leave(&crew);
	for (unsigned int i = 0; i < MEMBERS; i++)
		engine_deinit(&engines[i]);
	assert_int_equal(crew_connections(&crew), 0);
	crew_deinit(&crew);
	return 0;
}

static void
turn_of_each(void)
{
	for (unsigned int i = 0; i < MEMBERS; i++)
		remote_run_turn(&engines[i]);
}

static void
connect_one(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_true(socket_count < ARRAY_LEN(sockets));
	sockets[socket_count++] = fd;
	assert_int_equal(
	    connect(fd, &listener->address.u.any, listener->address.len), 0);
}

static uint64_t
accepted_and_refused(void)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < MEMBERS; i++)
		sum += engines[i].net.counters.accepted +
		    engines[i].net.counters.refused;
	return sum;
}

/* Connects, and waits until each connection was taken in, or refused. */
static void
connect_many(unsigned int count)
{
	uint64_t until = clock_now_ms() + WAIT_MS;
	uint64_t wanted = accepted_and_refused() + count;

	for (unsigned int i = 0; i < count; i++)
		connect_one();
	while (accepted_and_refused() < wanted && clock_now_ms() < until)
		turn_of_each();
	assert_int_equal(accepted_and_refused(), wanted);
}

static void
close_one_of(unsigned int member)
{
	uint64_t until = clock_now_ms() + WAIT_MS;
	unsigned int before = engine_connections(&engines[member]);

	connection_kill(TAILQ_FIRST(&engines[member].net.connections), NULL);
	while (engine_connections(&engines[member]) == before &&
	    clock_now_ms() < until)
		turn_of_each();
	assert_int_equal(engine_connections(&engines[member]), before - 1);
}

static void
each_connection_goes_to_whoever_has_the_fewest(void **state)
{
	(void)state;
	connect_many(2 * MEMBERS);
	for (unsigned int i = 0; i < MEMBERS; i++)
		assert_int_equal(engine_connections(&engines[i]), 2);
	close_one_of(2);
	close_one_of(2);
	assert_int_equal(crew_connections(&crew), 2 * MEMBERS - 2);
	connect_many(2);
	assert_int_equal(engine_connections(&engines[2]), 2);
	assert_int_equal(crew_connections(&crew), 2 * MEMBERS);
}

static void
no_two_connections_have_a_number(void **state)
{
	uint64_t seen = 0, bit;
	const struct connection *c;

	(void)state;
	connect_many(2 * MEMBERS);
	for (unsigned int i = 0; i < MEMBERS; i++) {
		TAILQ_FOREACH(c, &engines[i].net.connections, entry) {
			assert_in_range(c->id, 1, 2 * MEMBERS);
			bit = (uint64_t)1 << c->id;
			assert_false(seen & bit);
			seen |= bit;
		}
	}
}

static void
limit_of_connections_is_that_of_all_together(void **state)
{
	unsigned int sum = 0;

	(void)state;
	connect_many(MOST + 4);
	for (unsigned int i = 0; i < MEMBERS; i++)
		sum += engine_connections(&engines[i]);
	assert_int_equal(sum, MOST);
	assert_int_equal(crew_connections(&crew), MOST);
	close_one_of(1);
	connect_many(1);
	assert_int_equal(crew_connections(&crew), MOST);
}

/* What admission does then, its own test says. */
static void
all_make_room_when_connections_are_scarce(void **state)
{
	(void)state;
	connect_many(2 * MEMBERS);
	for (unsigned int i = 0; i < MEMBERS; i++)
		assert_int_equal(engines[i].admission.evicted_ms, 0);
	engines[0].net.ops->make_room(&engines[0].net);
	turn_of_each();
	for (unsigned int i = 0; i < MEMBERS; i++)
		assert_int_not_equal(engines[i].admission.evicted_ms, 0);
}

static void
connection_on_its_way_at_the_end_is_closed(void **state)
{
	uint64_t until = clock_now_ms() + WAIT_MS;

	(void)state;
	connect_one();
	connect_one();
	while (crew_connections(&crew) < 2 && clock_now_ms() < until)
		remote_run_turn(&engines[0]);
	assert_int_equal(crew_connections(&crew), 2);
	assert_int_equal(engine_connections(&engines[1]), 0);
}

static void
on_drained(void *arg)
{
	*(bool *)arg = true;
}

static void
who_waits_when_a_drain_begins_stays_with_the_listener(void **state)
{
	bool drained = false;

	(void)state;
	connect_one();
	connect_one();
	engine_drain(&engines[0], on_drained, &drained);
	assert_int_equal(engine_connections(&engines[0]), 2);
	assert_int_equal(crew_connections(&crew), 2);
	assert_false(drained);
}

static void
on_datagram(struct datagram *d, const struct datagram_origin *origin,
    uint8_t *body, size_t len)
{
	(void)origin;
	(void)body;
	(void)len;
	received[(struct engine *)d->net->owner - engines]++;
}

static unsigned int
all_received(void)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < MEMBERS; i++)
		sum += received[i];
	return sum;
}

/* Sends from a socket; returns whose it was, or MEMBERS if of several. */
static unsigned int
send_twice(int fd, const struct address *to)
{
	uint64_t until = clock_now_ms() + WAIT_MS;
	unsigned int before[MEMBERS], whose = MEMBERS;

	memcpy(before, received, sizeof(before));
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    sendto(fd, "call", 4, 0, &to->u.any, to->len), 4);
	for (unsigned int wanted = all_received() + 2;
	     all_received() < wanted && clock_now_ms() < until;)
		turn_of_each();
	for (unsigned int i = 0; i < MEMBERS; i++)
		if (received[i] == before[i] + 2)
			whose = i;
	return whose;
}

static void
datagrams_of_a_source_come_to_one_member(void **state)
{
	enum { SOURCES = 64 };
	struct datagram *first, *beside;
	struct address any;
	bool used[MEMBERS] = { false };

	(void)state;
	assert_int_equal(address_parse(&any, "127.0.0.1", 0), 0);
	assert_int_equal(
	    datagram_open(&first, &engines[0].net, &any, on_datagram), 0);
	for (unsigned int i = 1; i < MEMBERS; i++) {
		assert_int_equal(
		    datagram_open_beside(&beside, &engines[i].net, first), 0);
		assert_memory_equal(
		    &beside->address.u, &first->address.u, first->address.len);
	}
	for (int i = 0; i < SOURCES; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		unsigned int whose = send_twice(fd, &first->address);

		assert_true(whose < MEMBERS);
		assert_int_equal(send_twice(fd, &first->address), whose);
		used[whose] = true;
		close(fd);
	}
	for (unsigned int i = 0; i < MEMBERS; i++)
		assert_true(used[i]);
}

static void
address_of_a_crew_is_in_use_for_others(void **state)
{
	struct datagram *first;
	struct address any;

	(void)state;
	assert_int_equal(address_parse(&any, "127.0.0.1", 0), 0);
	assert_int_equal(
	    datagram_open(&first, &engines[0].net, &any, on_datagram), 0);
	assert_int_equal(datagram_open_beside(NULL, &engines[1].net, first), 0);
	assert_int_equal(
	    datagram_open(NULL, &engines[2].net, &first->address, on_datagram),
	    -EADDRINUSE);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_connection_goes_to_whoever_has_the_fewest),
		TEST(no_two_connections_have_a_number),
		TEST(limit_of_connections_is_that_of_all_together),
		TEST(all_make_room_when_connections_are_scarce),
		TEST(connection_on_its_way_at_the_end_is_closed),
		TEST(who_waits_when_a_drain_begins_stays_with_the_listener),
		TEST(datagrams_of_a_source_come_to_one_member),
		TEST(address_of_a_crew_is_in_use_for_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
