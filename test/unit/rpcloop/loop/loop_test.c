/* What rpcloop/loop promises beside the turns: what is forgotten, times, what
 * is watched, other threads, and somebody else's loop. */
#include "base/clock.h"
#include "test/lib/actors.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static bool
stop_and_settle(struct loop_item *item)
{
	loop_stop(item->loop);
	return actor_is_settled(item);
}

static void
forget_next(struct actor *actor, unsigned int reasons)
{
	actor_reads(actor, reasons);
	loop_forget(&stage.actors[1].item);
}

static void
what_is_forgotten_in_a_turn_is_not_run_in_it(void **state)
{
	(void)state;
	stage.actors[0].act = forget_next;
	stage.actors[2].act = actor_reads;
	loop_settle(&stage.actors[1].item);
	loop_put_off(&stage.actors[1].item);
	loop_send(&stage.actors[1].item);
	for (int i = 0; i < 3; i++)
		actors_poke(i);
	actors_turn();
	assert_string_equal(stage.trace, "ac");
	actors_turn();
	assert_string_equal(stage.trace, "ac");
}

/* A duplicate keeps the socket alive, as one in a forked child would. */
static void
what_is_forgotten_is_out_of_epoll_before_it_is_closed(void **state)
{
	int copy = dup(stage.actors[0].item.fd);
	int again;

	(void)state;
	actors_poke(0);
	loop_forget(&stage.actors[0].item);
	close(stage.actors[0].item.fd);
	assert_false(actors_ready());
	/* A new descriptor of the same number is another one. */
	again = dup(copy);
	assert_int_equal(again, stage.actors[0].item.fd);
	actors_turn();
	assert_string_equal(stage.trace, "");
	close(copy);
}

/* What is due at once must not keep the others from their turn. */
static void
due_again(struct actor *actor, unsigned int reasons)
{
	actor_reads(actor, reasons);
	loop_due(&actor->item, 0);
}

static void
what_is_due_at_once_is_run_after_the_next_look(void **state)
{
	(void)state;
	stage.actors[0].act = due_again;
	stage.actors[1].act = actor_reads;
	actors_poke(0);
	actors_turn();
	assert_string_equal(stage.trace, "a");
	assert_true(actors_ready());
	actors_poke(1);
	actors_turn();
	assert_string_equal(stage.trace, "aba");
}

static void
expect_due(struct actor *actor, unsigned int reasons)
{
	assert_int_equal(reasons, LOOP_DUE);
	assert_int_equal(actor->item.timer.due, TIMER_NEVER);
}

static void
times_are_kept_in_order_and_once(void **state)
{
	uint64_t now = clock_now_ms();

	(void)state;
	for (int i = 0; i < ACTORS; i++)
		stage.actors[i].act = expect_due;
	loop_due(&stage.actors[0].item, now - 1);
	loop_due(&stage.actors[1].item, now - 3);
	loop_due(&stage.actors[2].item, now + 3600 * 1000);
	loop_due(&stage.actors[3].item, now - 2);
	loop_due(&stage.actors[3].item, TIMER_NEVER);
	actors_turn();
	actors_turn();
	assert_string_equal(stage.trace, "ba");
	assert_false(actors_ready());
}

static void
stop_loop(struct actor *actor, unsigned int reasons)
{
	(void)reasons;
	loop_stop(actor->item.loop);
}

/* The descriptor of the loop becomes readable for a time, too. */
static void
a_time_wakes_whoever_waits(void **state)
{
	struct pollfd ready = { .fd = loop_fd(&stage.loop), .events = POLLIN };

	(void)state;
	loop_due(&stage.actors[0].item, clock_now_ms() + 20);
	actors_turn();
	assert_int_equal(poll(&ready, 1, 10000), 1);
	actors_turn();
	assert_string_equal(stage.trace, "a");
	stage.actors[0].act = stop_loop;
	loop_due(&stage.actors[0].item, clock_now_ms() + 20);
	assert_int_equal(loop_run(&stage.loop), 0);
	assert_string_equal(stage.trace, "aa");
}

static void
want_nothing(struct actor *actor, unsigned int reasons)
{
	(void)reasons;
	loop_want(&actor->item, 0);
}

static void
who_wants_nothing_is_not_woken_by_the_end(void **state)
{
	(void)state;
	stage.actors[0].act = want_nothing;
	actors_poke(0);
	actors_turn();
	close(stage.actors[0].other);
	stage.actors[0].other = -1;
	assert_false(actors_ready());
	actors_turn();
	assert_string_equal(stage.trace, "a");
	loop_want(&stage.actors[0].item, LOOP_READABLE);
	actors_turn();
	assert_true(actors_ready());
	actors_turn();
	assert_string_equal(stage.trace, "aa");
}

static unsigned int seen;

static void
see(struct actor *actor, unsigned int reasons)
{
	(void)actor;
	seen |= reasons;
}

static void
the_end_wakes_reader_and_writer(void **state)
{
	(void)state;
	stage.actors[0].act = see;
	seen = 0;
	loop_want(&stage.actors[0].item, LOOP_READABLE | LOOP_WRITABLE);
	actors_turn();
	close(stage.actors[0].other);
	stage.actors[0].other = -1;
	actors_turn();
	assert_int_equal(seen, LOOP_READABLE | LOOP_WRITABLE);
}

static void
what_cannot_be_watched_is_told(void **state)
{
	int fd = stage.actors[0].item.fd;

	(void)state;
	stage.actors[0].act = see;
	seen = 0;
	loop_want(&stage.actors[0].item, 0);
	actors_turn();
	/* A descriptor that is closed. */
	stage.actors[0].item.fd = dup(fd);
	close(stage.actors[0].item.fd);
	loop_want(&stage.actors[0].item, LOOP_READABLE);
	actors_turn();
	actors_turn();
	assert_int_equal(seen, LOOP_LOST);
	stage.actors[0].item.fd = fd;
	assert_int_equal(loop_watch(&stage.actors[0].item, LOOP_READABLE), 0);
}

static void
adding_twice_and_stopping_what_is_not_there_do_nothing(void **state)
{
	(void)state;
	loop_settle(&stage.actors[0].item);
	loop_settle(&stage.actors[0].item);
	loop_put_off(&stage.actors[1].item);
	loop_put_off(&stage.actors[1].item);
	loop_send(&stage.actors[2].item);
	loop_send(&stage.actors[2].item);
	actors_turn();
	assert_string_equal(stage.trace, "bAc");
	loop_forget(&stage.actors[3].item);
	loop_forget(&stage.actors[3].item);
	actors_turn();
	assert_string_equal(stage.trace, "bAc");
}

static void
leave_loop(struct actor *actor, unsigned int reasons)
{
	actor_reads(actor, reasons);
	loop_leave(actor->item.loop);
}

/* Nothing is left that would wake the next turn for it, as a stop would. */
static void
who_leaves_the_loop_ends_it_after_the_turn(void **state)
{
	(void)state;
	stage.actors[0].act = leave_loop;
	stage.actors[1].act = actor_settles;
	actors_poke(0);
	actors_poke(1);
	assert_int_equal(loop_run(&stage.loop), 0);
	assert_string_equal(stage.trace, "abB");
	assert_false(actors_ready());
	actors_poke(0);
	assert_int_equal(loop_run(&stage.loop), 0);
	assert_string_equal(stage.trace, "abBa");
}

static void *
stop_from_outside(void *arg)
{
	loop_stop(arg);
	return NULL;
}

static void
another_thread_stops_it(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(
	    pthread_create(&thread, NULL, stop_from_outside, &stage.loop), 0);
	assert_int_equal(loop_run(&stage.loop), 0);
	pthread_join(thread, NULL);
}

/* Nothing else has to happen first. */
static void
what_was_touched_before_the_loop_runs_is_settled(void **state)
{
	uint64_t begun = clock_now_ms();

	(void)state;
	stage.actors[1].act = stop_loop;
	loop_due(&stage.actors[1].item, begun + 10000);
	loop_settle(&stage.actors[0].item);
	stage.actors[0].item.settle = stop_and_settle;
	assert_int_equal(loop_run(&stage.loop), 0);
	assert_string_equal(stage.trace, "A");
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, actors_setup, actors_teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_forgotten_in_a_turn_is_not_run_in_it),
		TEST(what_is_forgotten_is_out_of_epoll_before_it_is_closed),
		TEST(what_is_due_at_once_is_run_after_the_next_look),
		TEST(times_are_kept_in_order_and_once),
		TEST(a_time_wakes_whoever_waits),
		TEST(who_wants_nothing_is_not_woken_by_the_end),
		TEST(the_end_wakes_reader_and_writer),
		TEST(what_cannot_be_watched_is_told),
		TEST(adding_twice_and_stopping_what_is_not_there_do_nothing),
		TEST(who_leaves_the_loop_ends_it_after_the_turn),
		TEST(another_thread_stops_it),
		TEST(what_was_touched_before_the_loop_runs_is_settled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
