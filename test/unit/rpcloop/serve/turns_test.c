/* What is much takes turns: long calls, long replies, many short calls.  One
 * short call never waits for it. */
#include "base/base.h"
#include "test/lib/remote.h"

#include <linux/sockios.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	PEERS = 12,
	RECORD_SIZE = 600 * 1024,
	TURN_ALL = 300 * 1024,
	TURNS_MAX = 10000,
	CALLS = 100,
	CALL_COST = 256, /* of the shortest, as the transport has it */
	FEW_CALLS = 100,
	PIECE_SIZE = 65532, /* a record that one read brings */
};

/* One that sends a long record, bit by bit, and reads what comes. */
struct talker {
	struct remote peer;
	size_t sent;
	size_t heard;
};

static struct {
	struct engine engine;
	struct talker talkers[PEERS];
	struct remote quick;
	size_t handed;      /* bytes of long records, in this turn */
	unsigned int calls; /* records, in this turn */
	uint8_t record[RECORD_HEADER_SIZE + RECORD_SIZE];
} f;

/* Answers with the record itself. */
static bool
on_record(void *owner, struct connection *c, uint8_t *body, size_t len)
{
	struct buffer *out = connection_output(c);

	(void)owner;
	f.calls++;
	if (len == RECORD_SIZE)
		f.handed += len;
	assert_int_equal(buffer_reserve(out, RECORD_HEADER_SIZE + len), 0);
	record_put_header(buffer_tail(out), (uint32_t)len);
	buffer_commit(out, RECORD_HEADER_SIZE);
	memcpy(buffer_tail(out), body, len);
	buffer_commit(out, len);
	connection_replied(c);
	return true;
}

static int
setup(void **state)
{
	struct engine_limits limits = remote_limits();

	(void)state;
	limits.turn_bytes = TURN_ALL;
	memset(&f, 0, sizeof(f));
	log_set_level(LOG_LEVEL_ERROR);
	if (engine_init(&f.engine, &limits, on_record, NULL) < 0)
		return -1;
	record_put_header(f.record, RECORD_SIZE);
	for (unsigned int i = 0; i < PEERS; i++)
		f.talkers[i].peer = remote_connect(&f.engine, i + 1);
	f.quick = remote_connect(&f.engine, PEERS + 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PEERS; i++)
		close(f.talkers[i].peer.fd);
	close(f.quick.fd);
	engine_deinit(&f.engine);
	return 0;
}

/* Sends and reads as much as goes. */
static void
talk(struct talker *t, bool reads)
{
	static uint8_t reply[sizeof(f.record)];
	ssize_t n;

	n = send(t->peer.fd, f.record + t->sent, sizeof(f.record) - t->sent,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	t->sent += n > 0 ? (size_t)n : 0;
	while (reads && (n = remote_read(&t->peer, reply, sizeof(reply))) > 0)
		t->heard += (size_t)n;
}

static bool
all_have_heard(void)
{
	for (unsigned int i = 0; i < PEERS; i++) {
		if (f.talkers[i].heard < sizeof(f.record))
			return false;
	}
	return true;
}

/* A turn in which all that talk have something to say, and the quick one a
 * short call.  What was sent of long replies is in the counter. */
static void
run_busy_turn(bool reads)
{
	uint64_t out = f.engine.net.counters.bytes_out;
	char body[8];

	for (unsigned int i = 0; i < PEERS; i++)
		talk(&f.talkers[i], reads);
	remote_send_record(&f.quick, "quick", 5);
	f.handed = 0;
	remote_run_turn(&f.engine);
	assert_int_equal(remote_read_record(&f.quick, body, sizeof(body)), 5);
	/* One more is begun as long as a bound is not reached. */
	assert_true(f.handed < 2 * (TURN_ALL + RECORD_SIZE));
	assert_true(f.engine.net.counters.bytes_out - out <
	    TURN_ALL + 256 * 1024 + PEERS * 65536);
}

static void
a_short_call_is_answered_in_its_turn_beside_long_ones(void **state)
{
	unsigned int turns = 0;

	(void)state;
	while (!all_have_heard() && ++turns < TURNS_MAX)
		run_busy_turn(true);
	assert_true(all_have_heard());
	assert_true(turns >= (size_t)PEERS * RECORD_SIZE / TURN_ALL);
}

static void
long_replies_that_are_not_read_hold_nobody_up(void **state)
{
	unsigned int turns = 0;

	(void)state;
	for (; turns < 200; turns++)
		run_busy_turn(false);
	while (!all_have_heard() && ++turns < TURNS_MAX)
		run_busy_turn(true);
	assert_true(all_have_heard());
}

/* Whoever waited longest comes first: none is passed over for ever. */
static void
those_that_wait_have_their_turn_in_order(void **state)
{
	unsigned int turns = 0, done = 0;

	(void)state;
	while (done < PEERS && ++turns < TURNS_MAX) {
		run_busy_turn(true);
		done = 0;
		for (unsigned int i = 0; i < PEERS; i++) {
			struct talker *t = &f.talkers[i];

			if (t->heard < sizeof(f.record))
				continue;
			done++;
			/* The first ones go on at once, and for long. */
			if (i < PEERS / 2 && t->sent == sizeof(f.record))
				t->sent = 0;
		}
	}
	assert_int_equal(done, PEERS);
}

/* Keeps a record in the socket that takes all that is free in each turn. */
static void
feed(struct talker *t)
{
	static uint8_t piece[RECORD_HEADER_SIZE + PIECE_SIZE];
	static uint8_t reply[sizeof(piece)];

	record_put_header(piece, PIECE_SIZE);
	while (remote_read(&t->peer, reply, sizeof(reply)) > 0)
		continue;
	t->sent =
	    (t->sent +
		(size_t)MAX_OF((ssize_t)0,
		    send(t->peer.fd, piece + t->sent, sizeof(piece) - t->sent,
			MSG_DONTWAIT | MSG_NOSIGNAL))) %
	    sizeof(piece);
}

static void
those_that_are_always_ready_leave_others_their_turn(void **state)
{
	struct talker *patient = &f.talkers[PEERS - 1];
	unsigned int turns = 0;

	(void)state;
	while (patient->heard < sizeof(f.record) && ++turns < TURNS_MAX) {
		for (unsigned int i = 0; i < PEERS - 1; i++)
			feed(&f.talkers[i]);
		talk(patient, true);
		remote_run_turn(&f.engine);
	}
	assert_int_equal(patient->heard, sizeof(f.record));
}

/* One whose socket is always writable, and replies without end. */
static void
one_that_reads_fast_leaves_others_their_replies(void **state)
{
	struct talker *fast = &f.talkers[0], *other = &f.talkers[1];
	struct buffer *out = connection_output(fast->peer.c);
	unsigned int turns = 0;

	(void)state;
	while (other->heard < sizeof(f.record) && ++turns < TURNS_MAX) {
		assert_int_equal(buffer_reserve(out, 4 * TURN_ALL), 0);
		memset(buffer_tail(out), 0, 4 * TURN_ALL);
		buffer_commit(out, 4 * TURN_ALL);
		connection_replied(fast->peer.c);
		talk(fast, true);
		talk(other, true);
		remote_run_turn(&f.engine);
		buffer_truncate(
		    out, MIN_OF(buffer_len(out), (size_t)4 * TURN_ALL));
	}
	assert_int_equal(other->heard, sizeof(f.record));
}

/* Something of it is read in each turn. */
static void
a_long_call_waits_for_nobody_when_there_is_nobody(void **state)
{
	struct talker *t = &f.talkers[0];
	int waiting = 0, before;

	(void)state;
	while (t->sent < sizeof(f.record) || waiting > 0) {
		talk(t, true);
		assert_int_equal(ioctl(t->peer.fd, SIOCOUTQ, &before), 0);
		remote_run_turn(&f.engine);
		assert_int_equal(ioctl(t->peer.fd, SIOCOUTQ, &waiting), 0);
		assert_true(waiting < before);
	}
}

static void
many_short_calls_leave_room_for_one(void **state)
{
	unsigned int turns = 0, left = PEERS * CALLS;
	char body[8];

	(void)state;
	/* From the next turn on. */
	f.engine.loop.budget = FEW_CALLS * CALL_COST;
	remote_send_record(&f.quick, "quick", 5);
	remote_run_turn(&f.engine);
	remote_read_record(&f.quick, body, sizeof(body));
	for (unsigned int i = 0; i < PEERS; i++)
		for (unsigned int j = 0; j < CALLS; j++)
			remote_send_record(&f.talkers[i].peer, "call", 4);
	while (left > 0 && ++turns < TURNS_MAX) {
		remote_send_record(&f.quick, "quick", 5);
		f.calls = 0;
		remote_run_turn(&f.engine);
		assert_int_equal(
		    remote_read_record(&f.quick, body, sizeof(body)), 5);
		assert_true(f.calls <= 2 * FEW_CALLS + PEERS + 1);
		left -= f.calls - 1;
	}
	assert_int_equal(left, 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_short_call_is_answered_in_its_turn_beside_long_ones),
		TEST(long_replies_that_are_not_read_hold_nobody_up),
		TEST(those_that_wait_have_their_turn_in_order),
		TEST(those_that_are_always_ready_leave_others_their_turn),
		TEST(one_that_reads_fast_leaves_others_their_replies),
		TEST(a_long_call_waits_for_nobody_when_there_is_nobody),
		TEST(many_short_calls_leave_room_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
