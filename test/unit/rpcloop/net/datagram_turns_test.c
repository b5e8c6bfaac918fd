/* What rpcloop/net/datagram does when there is much: what it costs of a turn,
 * who waits, and what a drain still answers. */
#include "test/lib/udp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { SMALL_QUEUE = 2048 };

static void
each_of_many_in_a_turn_is_answered(void **state)
{
	enum { MANY = 3 * DATAGRAM_REPLIES + 8 };
	int fd;

	(void)state;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	fd = udp_client("127.0.0.1");
	udp_say_many(fd, MANY);
	udp_run_until(MANY);
	udp_run();
	assert_int_equal(udp_count_replies(fd), MANY);
	assert_int_equal(
	    udp.engine.net.counters.bytes_out, MANY * sizeof(unsigned int));
	close(fd);
}

/* Like records: once a turn has had its bytes, the others wait. */
static void
datagrams_are_charged_to_the_turn(void **state)
{
	enum { MANY = 200, FEW = 40 };
	unsigned int before, turns = 0;
	int fd;

	(void)state;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	fd = udp_client("127.0.0.1");
	/* From the next turn on: a call and its reply are charged. */
	udp.engine.loop.budget = FEW * (NET_CALL_BYTES + 2 * sizeof(int));
	assert_int_equal(loop_turn(&udp.engine.loop), 0);
	udp_say_many(fd, MANY);
	while (udp.received < MANY) {
		before = udp.received;
		assert_int_equal(loop_turn(&udp.engine.loop), 0);
		/* The last batch may have begun before. */
		assert_in_range(udp.received - before, 1, FEW + 16);
		turns++;
	}
	assert_true(turns >= MANY / (FEW + 16));
	udp_run();
	assert_int_equal(udp_count_replies(fd), MANY);
	close(fd);
}

/* Takes all the bytes of a turn, and wants more in a later one. */
static void
take_all(struct loop_item *item, unsigned int reasons)
{
	(void)reasons;
	loop_spend(item->loop, item->loop->budget);
	loop_put_off(item);
}

/* However many others have much to do: here they are of one peer, which has
 * one turn and then the socket has the next. */
static void
a_call_is_answered_in_its_turn(void **state)
{
	enum { OTHERS = 50 };
	struct loop_item others[OTHERS];
	struct loop_share share;
	char reply[16];
	int fd;

	(void)state;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	fd = udp_client("127.0.0.1");
	loop_share_init(&share);
	for (int i = 0; i < OTHERS; i++) {
		loop_item_init(
		    &others[i], &udp.engine.loop, -1, take_all, NULL);
		others[i].share = &share;
	}
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < OTHERS; i++)
			loop_queue(&others[i], LOOP_READABLE);
		udp_say(fd, "call", 4);
		assert_int_equal(loop_turn(&udp.engine.loop), 0);
		assert_int_equal(loop_turn(&udp.engine.loop), 0);
		assert_int_equal(udp_hear(fd, reply, sizeof(reply)), 4);
	}
	for (int i = 0; i < OTHERS; i++)
		loop_forget(&others[i]);
	close(fd);
}

/* More than one round of them. */
static void
a_drain_answers_all_that_had_come(void **state)
{
	enum { MANY = 270 };
	int fd;

	(void)state;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	fd = udp_client("127.0.0.1");
	udp_say_many(fd, MANY);
	udp_drain();
	udp_run();
	assert_true(udp.drained);
	assert_int_equal(udp_count_replies(fd), MANY);
	close(fd);
}

/* However little a turn may do: all that had come is answered, turn by turn. */
static void
a_drain_of_a_full_queue_takes_many_turns(void **state)
{
	enum { MANY = 600, FEW = 10 };
	unsigned int turns = 0;
	int fd;

	(void)state;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	fd = udp_client("127.0.0.1");
	udp.engine.loop.budget = FEW * NET_CALL_BYTES;
	udp_say_many(fd, MANY);
	udp_drain();
	for (; !udp.drained && turns < MANY; turns++)
		assert_int_equal(loop_turn(&udp.engine.loop), 0);
	assert_true(udp.drained);
	assert_true(turns > MANY / 32);
	assert_int_equal(udp_count_replies(fd), MANY);
	close(fd);
}

static void
a_drain_in_the_middle_of_a_call_answers_it(void **state)
{
	int fd;

	(void)state;
	udp.drains = true;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	fd = udp_client("127.0.0.1");
	udp_say_many(fd, 20);
	udp_run_until(20);
	udp_run();
	assert_true(udp.drained);
	assert_int_equal(udp_count_replies(fd), 20);
	close(fd);
}

/* More than the queue of the client holds: the rest is lost, not kept. */
static void
a_client_that_does_not_read_costs_no_memory(void **state)
{
	int size = SMALL_QUEUE;
	uint8_t call[1000] = { 0 };
	int fd;

	(void)state;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	fd = udp_client("127.0.0.1");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (unsigned int i = 1; i <= 1000; i++) {
		udp_say(fd, call, sizeof(call));
		udp_run_until(i);
	}
	udp_run();
	assert_int_equal(udp.engine.net.peers.all.held[CHARGE_BYTES], 0);
	close(fd);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, udp_setup, udp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_of_many_in_a_turn_is_answered),
		TEST(datagrams_are_charged_to_the_turn),
		TEST(a_call_is_answered_in_its_turn),
		TEST(a_drain_answers_all_that_had_come),
		TEST(a_drain_of_a_full_queue_takes_many_turns),
		TEST(a_drain_in_the_middle_of_a_call_answers_it),
		TEST(a_client_that_does_not_read_costs_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
