/* How rpcloop/net/connection treats its peer: order, limits, time, the end. */
#include "test/lib/echo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void
pipelined_records_are_answered_in_order(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);
	char text[8];

	(void)state;
	for (char i = 'a'; i <= 'z'; i++)
		remote_send_record(&p, (char[]){ i, i, i, i }, 4);
	remote_run(&echo_fixture.engine);
	for (char i = 'a'; i <= 'z'; i++) {
		memset(text, 0, sizeof(text));
		memset(text, i, 4);
		assert_echoed(&p, text);
	}
	assert_open(&p);
	close(p.fd);
}

/* Four records a turn: the fifth waits until the loop has polled again. */
static void
a_turn_does_a_bounded_amount_of_work(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	for (int i = 0; i < 10; i++)
		remote_send_record(&p, "call", 4);
	remote_run_turn(&echo_fixture.engine);
	assert_int_equal(echo_fixture.records, 4);
	remote_run(&echo_fixture.engine);
	assert_int_equal(echo_fixture.records, 10);
	close(p.fd);
}

static void
a_turn_writes_once(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);
	char bytes[64];

	(void)state;
	for (int i = 0; i < 3; i++)
		remote_send_record(&p, "call", 4);
	remote_run_turn(&echo_fixture.engine);
	assert_int_equal(remote_read(&p, bytes, sizeof(bytes)), 3 * 8);
	close(p.fd);
}

static void
a_half_closed_peer_gets_all_replies(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	for (int i = 0; i < 9; i++)
		remote_send_record(&p, "call", 4);
	shutdown(p.fd, SHUT_WR);
	remote_run(&echo_fixture.engine);
	for (int i = 0; i < 9; i++)
		assert_echoed(&p, "call");
	assert_closed(&p);
	assert_int_equal(engine_connections(&echo_fixture.engine), 0);
	close(p.fd);
}

static void
after_what_is_no_call_the_replies_before_it_come(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	remote_send_record(&p, "good", 4);
	remote_run(&echo_fixture.engine);
	echo_fixture.refuse = true;
	remote_send_record(&p, "bad!", 4);
	remote_send_record(&p, "late", 4);
	remote_run(&echo_fixture.engine);
	assert_echoed(&p, "good");
	assert_closed(&p);
	assert_int_equal(echo_fixture.records, 2);
	close(p.fd);
}

static void
a_false_length_ends_it_after_the_replies(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	remote_send_record(&p, "good", 4);
	remote_send(&p,
	    "\xff\xff\xff\xff"
	    "body",
	    8);
	remote_run(&echo_fixture.engine);
	assert_echoed(&p, "good");
	assert_closed(&p);
	close(p.fd);
}

static void
an_idle_connection_holds_no_buffers(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	remote_send_record(&p, "call", 4);
	remote_run(&echo_fixture.engine);
	assert_null(p.c->flow.in.data);
	assert_null(p.c->flow.out.data);
	close(p.fd);
}

/* The limit of calls in flight stops the reading, and an answer resumes it. */
static void
reading_stops_at_the_calls_in_flight(void **state)
{
	struct owed_reply owed[8];
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	echo_fixture.owe = owed;
	for (int i = 0; i < 5; i++)
		remote_send_record(&p, "call", 4);
	remote_run(&echo_fixture.engine);
	assert_int_equal(echo_fixture.records, 3);
	connection_settle_owed(p.c, &owed[1]);
	remote_run(&echo_fixture.engine);
	assert_int_equal(echo_fixture.records, 4);
	connection_settle_owed(p.c, &owed[0]);
	connection_settle_owed(p.c, &owed[2]);
	remote_run(&echo_fixture.engine);
	assert_int_equal(echo_fixture.records, 5);
	assert_int_equal(echo_fixture.lost, 0);
	connection_settle_owed(p.c, &owed[3]);
	connection_settle_owed(p.c, &owed[4]);
	close(p.fd);
}

static void
a_dead_connection_takes_owed_replies_along(void **state)
{
	struct owed_reply owed[2];
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	echo_fixture.owe = owed;
	remote_send_record(&p, "call", 4);
	remote_send_record(&p, "call", 4);
	remote_run(&echo_fixture.engine);
	connection_kill(p.c, "test");
	assert_int_equal(echo_fixture.lost, 0);
	remote_run(&echo_fixture.engine);
	assert_int_equal(echo_fixture.lost, 2);
	assert_closed(&p);
	close(p.fd);
}

/* Of every kind: connections, memory, calls. */
static void
a_peer_that_has_gone_holds_nothing_any_more(void **state)
{
	struct peers *peers = &echo_fixture.engine.net.peers;
	struct owed_reply owed[2];
	struct remote one = remote_connect(&echo_fixture.engine, 1);
	struct remote two = remote_connect(&echo_fixture.engine, 1);
	struct account *a = &one.c->peer->account;

	(void)state;
	assert_ptr_equal(&two.c->peer->account, a);
	assert_int_equal(a->held[CHARGE_CONNECTIONS], 2);
	remote_send(&one, "\x80\x00\x00\x10half", 8);
	echo_fixture.owe = owed;
	remote_send_record(&two, "call", 4);
	remote_send_record(&two, "call", 4);
	remote_run(&echo_fixture.engine);
	assert_int_equal(a->held[CHARGE_CALLS], 2);
	assert_true(a->held[CHARGE_BYTES] > 2 * NET_OWED_BYTES);
	connection_kill(one.c, NULL);
	remote_run(&echo_fixture.engine);
	assert_int_equal(a->held[CHARGE_CONNECTIONS], 1);
	assert_int_equal(a->held[CHARGE_BYTES], 2 * NET_OWED_BYTES);
	assert_int_equal(a->held[CHARGE_SOCKETS], 2 * NET_OWED_BYTES);
	assert_int_equal(peers->map.count, 1);
	connection_kill(two.c, NULL);
	remote_run(&echo_fixture.engine);
	for (int kind = 0; kind < CHARGE_KINDS; kind++)
		assert_int_equal(peers->all.held[kind], 0);
	assert_int_equal(peers->map.count, 0);
	close(one.fd);
	close(two.fd);
}

static void
reading_stops_while_replies_are_not_read(void **state)
{
	enum { RECORDS = 4000, SIZE = 4000 };
	static uint8_t body[SIZE];
	struct remote p = remote_connect(&echo_fixture.engine, 1);
	unsigned int sent = 0;

	(void)state;
	echo_fixture.engine.net.limits.output_bytes = 64 * 1024;
	for (; sent < RECORDS; sent++) {
		uint8_t record[RECORD_HEADER_SIZE + SIZE];

		record_put_header(record, SIZE);
		memcpy(record + RECORD_HEADER_SIZE, body, SIZE);
		if (send(p.fd, record, sizeof(record), MSG_NOSIGNAL) !=
		    (ssize_t)sizeof(record))
			break;
		remote_run(&echo_fixture.engine);
	}
	assert_true(sent < RECORDS);
	assert_true(buffer_len(&p.c->flow.out) <
	    echo_fixture.engine.net.limits.output_bytes + SIZE +
		RECORD_HEADER_SIZE);
	close(p.fd);
}

static bool
is_of_the_net(const struct buffer *out)
{
	const uint8_t *lent = echo_fixture.engine.net.lender.memory;

	return out->data >= lent && out->data < lent + LENDER_SIZE;
}

static void
output_is_in_memory_of_the_net_for_a_turn(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);
	struct remote q = remote_connect(&echo_fixture.engine, 2);

	(void)state;
	if (BASE_IS_WATCHED)
		skip();
	echo_record(p.c, (const uint8_t *)"one", 3);
	echo_record(q.c, (const uint8_t *)"two", 3);
	echo_record(p.c, (const uint8_t *)"three", 5);
	assert_true(is_of_the_net(&p.c->flow.out));
	assert_true(is_of_the_net(&q.c->flow.out));
	assert_int_equal(p.c->memory.amount, 0);
	remote_run_turn(&echo_fixture.engine);
	assert_int_equal(echo_fixture.engine.net.lender.count, 0);
	assert_echoed(&p, "one");
	assert_echoed(&p, "three");
	assert_echoed(&q, "two");
	close(p.fd);
	close(q.fd);
}

static void
output_that_waits_is_in_memory_of_its_own(void **state)
{
	static const uint8_t body[4000];
	struct remote p = remote_connect(&echo_fixture.engine, 1);
	const struct buffer *out = &p.c->flow.out;

	(void)state;
	for (int i = 0; i < 4000 && buffer_len(out) == 0; i++) {
		echo_record(p.c, body, sizeof(body));
		remote_run_turn(&echo_fixture.engine);
	}
	assert_true(buffer_len(out) > 0);
	assert_false(is_of_the_net(out));
	assert_true(p.c->memory.amount >= buffer_len(out));
	assert_int_equal(echo_fixture.engine.net.lender.count, 0);
	close(p.fd);
}

static void
output_of_the_dead_is_given_back(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	echo_record(p.c, (const uint8_t *)"call", 4);
	connection_kill(p.c, "test");
	remote_run(&echo_fixture.engine);
	assert_int_equal(echo_fixture.engine.net.lender.count, 0);
	assert_closed(&p);
	close(p.fd);
	/* Outside of a turn as well. */
	p = remote_connect(&echo_fixture.engine, 1);
	echo_record(p.c, (const uint8_t *)"call", 4);
	connection_close(p.c);
	assert_int_equal(echo_fixture.engine.net.lender.count, 0);
	assert_echoed(&p, "call");
	close(p.fd);
}

enum { SCARCE = 100 * 1024, LONG = 300 * 1024 };

static uint64_t
memory_held(void)
{
	return echo_fixture.engine.net.peers.all.held[CHARGE_SOCKETS];
}

/* For all, and for each peer that connects from now on. */
static void
limit_memory(uint64_t all, uint64_t each)
{
	peers_limit(&echo_fixture.engine.net.peers, CHARGE_BYTES, all, each);
}

/* Sends a part of a long record, in turns so that it fits the socket. */
static void
send_part(struct remote *p, size_t len)
{
	static const uint8_t piece[20 * 1024];

	remote_send(p, "\x80\x04\xb0\x00", 4); /* LONG */
	for (size_t sent = 0; sent < len; sent += sizeof(piece)) {
		remote_send(p, piece, sizeof(piece));
		remote_run(&echo_fixture.engine);
	}
}

/* Goes on with it until it is refused. */
static void
send_on(struct remote *p)
{
	static const uint8_t piece[10 * 1024];

	for (size_t sent = 0; sent < LONG / 2; sent += sizeof(piece)) {
		if (send(p->fd, piece, sizeof(piece), MSG_NOSIGNAL) < 0)
			break;
		remote_run(&echo_fixture.engine);
	}
}

static void
when_memory_is_scarce_short_records_are_read(void **state)
{
	struct charge elsewhere;
	struct remote p, q;
	unsigned int records;

	(void)state;
	echo_fixture.engine.net.limits.record.bytes = LONG;
	/* What others hold is not there for connections. */
	charge_take(&elsewhere, &echo_fixture.engine.net.peers.loopback.account,
	    CHARGE_BYTES, 100 * SCARCE);
	limit_memory(101 * SCARCE, CHARGE_ANY);
	p = remote_connect(&echo_fixture.engine, 1);
	q = remote_connect(&echo_fixture.engine, 2);
	/* The first takes all there is, and may have no more. */
	send_part(&p, 60 * 1024);
	assert_true(memory_held() >= SCARCE);
	records = echo_fixture.records;
	remote_send_record(&q, "call", 4);
	remote_run(&echo_fixture.engine);
	assert_int_equal(echo_fixture.records, records + 1);
	assert_echoed(&q, "call");
	send_part(&q, 60 * 1024);
	assert_open(&q);
	send_on(&p);
	assert_closed(&p);
	close(p.fd);
	remote_run(&echo_fixture.engine);
	assert_int_equal(memory_held(), q.c->memory.amount);
	close(q.fd);
	remote_run(&echo_fixture.engine);
	charge_release(&elsewhere);
	assert_int_equal(memory_held(), 0);
}

static void
a_peer_has_its_share_of_the_memory(void **state)
{
	struct remote p, q, other;

	(void)state;
	echo_fixture.engine.net.limits.record.bytes = LONG;
	limit_memory(8 * 2 * SCARCE, 2 * SCARCE);
	p = remote_connect(&echo_fixture.engine, 1);
	q = remote_connect(&echo_fixture.engine, 1);
	other = remote_connect(&echo_fixture.engine, 2);
	send_part(&p, 60 * 1024);
	send_part(&q, 60 * 1024);
	send_on(&q);
	assert_closed(&q);
	send_part(&other, 120 * 1024);
	assert_open(&other);
	assert_open(&p);
	close(p.fd);
	close(q.fd);
	close(other.fd);
}

static void
what_else_a_peer_holds_is_of_its_share(void **state)
{
	struct charge streams;
	struct remote p;

	(void)state;
	echo_fixture.engine.net.limits.record.bytes = LONG;
	limit_memory(8 * 8 * SCARCE, 8 * SCARCE);
	p = remote_connect(&echo_fixture.engine, 1);
	charge_take(&streams, &p.c->peer->account, CHARGE_BYTES, 8 * SCARCE);
	/* There is room for short ones, whatever else there is. */
	send_part(&p, 60 * 1024);
	assert_open(&p);
	send_on(&p);
	assert_closed(&p);
	charge_release(&streams);
	close(p.fd);
}

static void
when_memory_is_scarce_few_replies_wait(void **state)
{
	enum { SIZE = 4000, RECORDS = 4000 };
	static const uint8_t body[SIZE];
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	limit_memory(SCARCE, CHARGE_ANY);
	for (unsigned int i = 0; i < RECORDS; i++) {
		uint8_t record[RECORD_HEADER_SIZE + SIZE];

		record_put_header(record, SIZE);
		memcpy(record + RECORD_HEADER_SIZE, body, SIZE);
		if (send(p.fd, record, sizeof(record), MSG_NOSIGNAL) !=
		    (ssize_t)sizeof(record))
			break;
		remote_run(&echo_fixture.engine);
	}
	assert_true(buffer_len(&p.c->flow.out) > 0);
	assert_true(memory_held() < 4 * SCARCE);
	close(p.fd);
}

static bool drained;

static void
on_drained(void *arg)
{
	assert_ptr_equal(arg, &drained);
	drained = true;
}

static void
draining_answers_what_has_arrived(void **state)
{
	struct remote busy = remote_connect(&echo_fixture.engine, 1);
	struct remote idle = remote_connect(&echo_fixture.engine, 2);
	struct remote half = remote_connect(&echo_fixture.engine, 3);

	(void)state;
	drained = false;
	for (int i = 0; i < 9; i++)
		remote_send_record(&busy, "call", 4);
	remote_send(&half,
	    "\x80\x00\x00\x04"
	    "ca",
	    6);
	engine_drain(&echo_fixture.engine, on_drained, &drained);
	remote_run(&echo_fixture.engine);
	for (int i = 0; i < 9; i++)
		assert_echoed(&busy, "call");
	assert_closed(&busy);
	assert_closed(&idle);
	assert_open(&half);
	close(busy.fd);
	close(idle.fd);
	remote_send(&half, "ll", 2);
	remote_run(&echo_fixture.engine);
	assert_echoed(&half, "call");
	assert_closed(&half);
	assert_false(drained);
	close(half.fd);
	remote_run(&echo_fixture.engine);
	assert_true(drained);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, echo_setup, echo_teardown)
	const struct CMUnitTest tests[] = {
		TEST(pipelined_records_are_answered_in_order),
		TEST(a_turn_does_a_bounded_amount_of_work),
		TEST(a_turn_writes_once),
		TEST(a_half_closed_peer_gets_all_replies),
		TEST(after_what_is_no_call_the_replies_before_it_come),
		TEST(a_false_length_ends_it_after_the_replies),
		TEST(an_idle_connection_holds_no_buffers),
		TEST(reading_stops_at_the_calls_in_flight),
		TEST(a_dead_connection_takes_owed_replies_along),
		TEST(a_peer_that_has_gone_holds_nothing_any_more),
		TEST(reading_stops_while_replies_are_not_read),
		TEST(output_is_in_memory_of_the_net_for_a_turn),
		TEST(output_that_waits_is_in_memory_of_its_own),
		TEST(output_of_the_dead_is_given_back),
		TEST(when_memory_is_scarce_short_records_are_read),
		TEST(a_peer_has_its_share_of_the_memory),
		TEST(what_else_a_peer_holds_is_of_its_share),
		TEST(when_memory_is_scarce_few_replies_wait),
		TEST(draining_answers_what_has_arrived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
