/* What a connection may take its time for: rpcloop/serve/deadlines. */
#include "rpcloop/serve/deadlines.h"

#include "base/base.h"
#include "test/lib/echo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* Moves the clock on, and lets the engine look at its watch. */
static void
pass_time(struct remote *p, uint64_t ms)
{
	echo_fixture.engine.loop.now_ms += ms;
	deadlines_check(p->c, &echo_fixture.engine.limits.time);
}

static void
a_record_has_a_deadline_that_progress_does_not_move(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	remote_send(&p, "\x80\x00\x00\x10", 4);
	remote_run(&echo_fixture.engine);
	p.c->record_since_ms -= 5000;
	remote_send(&p, "half", 4);
	remote_run(&echo_fixture.engine);
	pass_time(&p, 0);
	assert_int_equal(p.c->life, CONNECTION_OPEN);
	pass_time(&p, 5500);
	assert_int_equal(p.c->life, CONNECTION_DEAD);
	remote_run(&echo_fixture.engine);
	assert_closed(&p);
	close(p.fd);
}

/* The peer cannot end its record then, and is not to blame. */
static void
half_a_record_waits_while_calls_in_flight_are_full(void **state)
{
	struct owed_reply owed[3];
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	echo_fixture.owe = owed;
	remote_send_record(&p, "1", 1);
	remote_send_record(&p, "2", 1);
	remote_send(&p, "\x80\x00\x00\x10half", 8);
	remote_run(&echo_fixture.engine);
	assert_int_not_equal(p.c->record_since_ms, 0);
	connection_owe(p.c, &owed[2]);
	pass_time(&p, 3600 * 1000);
	assert_int_equal(p.c->life, CONNECTION_OPEN);
	/* Its time is that in which it is read. */
	connection_settle_owed(p.c, &owed[2]);
	pass_time(&p, 9 * 1000);
	assert_int_equal(p.c->life, CONNECTION_OPEN);
	pass_time(&p, 1500);
	assert_int_equal(p.c->life, CONNECTION_DEAD);
	connection_settle_owed(p.c, &owed[0]);
	connection_settle_owed(p.c, &owed[1]);
	close(p.fd);
}

/* Answers until the peer, which does not read, has more to read than the
 * server keeps. */
static void
fill_output(const struct remote *p)
{
	static const uint8_t reply[4096];

	echo_fixture.engine.net.limits.output_bytes = sizeof(reply);
	for (int i = 0; i < 1000; i++)
		echo_record(p->c, reply, sizeof(reply));
	remote_run(&echo_fixture.engine);
	assert_false(connection_has_capacity(p->c));
}

static void
half_a_record_waits_while_replies_are_not_read(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	remote_send(&p, "\x80\x00\x00\x10half", 8);
	remote_run(&echo_fixture.engine);
	fill_output(&p);
	pass_time(&p, 20 * 1000);
	assert_int_equal(p.c->life, CONNECTION_OPEN);
	pass_time(&p, 15 * 1000);
	assert_int_equal(p.c->life, CONNECTION_DEAD);
	close(p.fd);
}

static void
the_time_of_a_record_ends_with_it(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	remote_send(&p, "\x80\x00\x00\x04", 4);
	remote_run(&echo_fixture.engine);
	remote_send(&p, "call", 4);
	remote_run(&echo_fixture.engine);
	assert_echoed(&p, "call");
	pass_time(&p, 60 * 1000);
	assert_int_equal(p.c->life, CONNECTION_OPEN);
	close(p.fd);
}

/* Else whoever calls on and on would never have to read. */
static void
further_replies_give_the_peer_no_more_time(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	fill_output(&p);
	pass_time(&p, 20 * 1000);
	echo_record(p.c, (const uint8_t *)"more", 4);
	pass_time(&p, 11 * 1000);
	assert_int_equal(p.c->life, CONNECTION_DEAD);
	close(p.fd);
}

/* Nobody waits for the rest of that record: the reply is what matters. */
static void
half_a_record_before_the_end_costs_no_reply(void **state)
{
	struct owed_reply owed[1];
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	echo_fixture.owe = owed;
	remote_send_record(&p, "call", 4);
	remote_send(&p,
	    "\x80\x00\x00\x10"
	    "half",
	    8);
	shutdown(p.fd, SHUT_WR);
	remote_run(&echo_fixture.engine);
	pass_time(&p, 60 * 1000);
	assert_int_equal(p.c->life, CONNECTION_DRAINING);
	assert_null(p.c->flow.in.data);
	echo_record(p.c, (const uint8_t *)"late", 4);
	connection_settle_owed(p.c, &owed[0]);
	remote_run(&echo_fixture.engine);
	assert_echoed(&p, "late");
	assert_closed(&p);
	close(p.fd);
}

static void
idle_time_begins_with_the_last_reply(void **state)
{
	struct owed_reply owed[1];
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	echo_fixture.owe = owed;
	remote_send_record(&p, "call", 4);
	remote_run(&echo_fixture.engine);
	echo_fixture.engine.loop.now_ms += 3600 * 1000;
	echo_record(p.c, (const uint8_t *)"late", 4);
	connection_settle_owed(p.c, &owed[0]);
	p.c->flow.item.settle(&p.c->flow.item);
	pass_time(&p, 599 * 1000);
	assert_int_equal(p.c->life, CONNECTION_OPEN);
	assert_echoed(&p, "late");
	close(p.fd);
}

static void
an_idle_connection_is_closed_in_the_end(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	remote_send_record(&p, "call", 4);
	remote_run(&echo_fixture.engine);
	pass_time(&p, 599 * 1000);
	assert_int_equal(p.c->life, CONNECTION_OPEN);
	pass_time(&p, 2000);
	assert_int_equal(p.c->life, CONNECTION_DEAD);
	close(p.fd);
}

/* Then it is not the peer who makes the server wait. */
static void
output_that_waits_for_its_turn_has_no_deadline(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	fill_output(&p);
	p.c->flow.writing = FLOW_WRITE_QUEUED;
	pass_time(&p, 40 * 1000);
	assert_int_equal(p.c->life, CONNECTION_OPEN);
	close(p.fd);
}

/* Closed earlier, it could take with it what the kernel still has. */
static void
the_end_waits_until_the_peer_has_read(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	remote_send_record(&p, "call", 4);
	remote_run(&echo_fixture.engine);
	connection_drain(p.c);
	remote_run(&echo_fixture.engine);
	assert_int_equal(p.c->life, CONNECTION_LINGERING);
	pass_time(&p, 0);
	assert_true(p.c->flow.unsent > 0);
	pass_time(&p, 29 * 1000);
	assert_int_equal(p.c->life, CONNECTION_LINGERING);
	assert_echoed(&p, "call");
	pass_time(&p, 0);
	assert_int_equal(p.c->flow.unsent, 0);
	/* Now it is to close. */
	pass_time(&p, 900);
	assert_int_equal(p.c->life, CONNECTION_LINGERING);
	pass_time(&p, 200);
	assert_int_equal(p.c->life, CONNECTION_DEAD);
	close(p.fd);
}

static void
one_that_is_owed_a_reply_is_not_idle(void **state)
{
	struct owed_reply owed[1];
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	echo_fixture.owe = owed;
	remote_send_record(&p, "call", 4);
	remote_run(&echo_fixture.engine);
	pass_time(&p, 3600 * 1000);
	assert_int_equal(p.c->life, CONNECTION_OPEN);
	connection_settle_owed(p.c, &owed[0]);
	close(p.fd);
}

/* By a loop that was late. */
static void
what_the_loop_lost_is_nobodys_time(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);
	struct remote idle = remote_connect(&echo_fixture.engine, 2);
	struct fair *fair = &echo_fixture.engine.loop.fair;

	(void)state;
	remote_send(&p, "\x80\x00\x00\x10", 4);
	remote_run(&echo_fixture.engine);
	fair->lost_ms += 3600 * 1000;
	pass_time(&p, 3600 * 1000 + 9000);
	pass_time(&idle, 0);
	assert_int_equal(p.c->life, CONNECTION_OPEN);
	assert_int_equal(idle.c->life, CONNECTION_OPEN);
	pass_time(&p, 1500);
	assert_int_equal(p.c->life, CONNECTION_DEAD);
	close(p.fd);
	close(idle.fd);
}

static void
one_that_begins_a_record_at_last_is_not_idle(void **state)
{
	struct remote p = remote_connect(&echo_fixture.engine, 1);

	(void)state;
	p.c->active_ms -= 595 * 1000;
	remote_send(&p, "\x80\x00\x00\x10", 4);
	remote_run(&echo_fixture.engine);
	pass_time(&p, 9000);
	assert_int_equal(p.c->life, CONNECTION_OPEN);
	pass_time(&p, 1500);
	assert_int_equal(p.c->life, CONNECTION_DEAD);
	close(p.fd);
}

/* Is always ready, and takes all of a turn. */
static void
take_all(struct loop_item *item, unsigned int reasons)
{
	(void)reasons;
	loop_spend(item->loop, item->loop->budget);
	loop_queue(item, LOOP_READABLE);
}

static void
they_are_looked_at_however_busy_the_loop_is(void **state)
{
	struct engine *e = &echo_fixture.engine;
	struct remote peers[10];
	struct loop_item greedy;
	struct loop_share share;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_LEN(peers); i++) {
		peers[i] = remote_connect(e, i + 1);
		peers[i].c->active_ms -= 3600 * 1000;
	}
	loop_share_init(&share);
	loop_item_init(&greedy, &e->loop, -1, take_all, NULL);
	greedy.share = &share;
	loop_queue(&greedy, LOOP_READABLE);
	e->loop.budget = 1;
	loop_due(&e->sweep, 0);
	for (int turns = 0; turns < 200; turns++)
		assert_int_equal(loop_turn(&e->loop), 0);
	assert_int_equal(engine_connections(e), 0);
	loop_forget(&greedy);
	for (unsigned int i = 0; i < ARRAY_LEN(peers); i++)
		close(peers[i].fd);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, echo_setup, echo_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_record_has_a_deadline_that_progress_does_not_move),
		TEST(half_a_record_waits_while_calls_in_flight_are_full),
		TEST(half_a_record_waits_while_replies_are_not_read),
		TEST(the_time_of_a_record_ends_with_it),
		TEST(further_replies_give_the_peer_no_more_time),
		TEST(half_a_record_before_the_end_costs_no_reply),
		TEST(idle_time_begins_with_the_last_reply),
		TEST(an_idle_connection_is_closed_in_the_end),
		TEST(output_that_waits_for_its_turn_has_no_deadline),
		TEST(the_end_waits_until_the_peer_has_read),
		TEST(one_that_is_owed_a_reply_is_not_idle),
		TEST(what_the_loop_lost_is_nobodys_time),
		TEST(one_that_begins_a_record_at_last_is_not_idle),
		TEST(they_are_looked_at_however_busy_the_loop_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
