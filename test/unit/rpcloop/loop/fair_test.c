/* What rpcloop/loop/fair shows, and when a loop is late: by a clock of ours. */
#include "rpcloop/loop/loop.h"

#include "base/base.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { STOP_MS = 12000, LOST_MS = STOP_MS * 3 / 2 };

static uint64_t clock_ms;

/* These take the place of base/clock. */
uint64_t
clock_now_ms(void)
{
	return clock_ms;
}

uint64_t
clock_now_ns(void)
{
	return clock_ms * CLOCK_NS_PER_MS;
}

uint64_t
clock_thread_ns(void)
{
	return 0;
}

static void
what_is_late_is_left_out_and_half_as_much_again(void **state)
{
	struct fair fair = { 0 };

	(void)state;
	fair_look(&fair, 100000, 100000, 100000 + STOP_MS);
	assert_int_equal(fair_ms(&fair, 100000 + STOP_MS), 100000);
	assert_int_equal(fair_ms(&fair, 100000 + LOST_MS), 100000);
	assert_int_equal(fair_ms(&fair, 100001 + LOST_MS), 100001);
	assert_int_equal(fair.lost_ms, LOST_MS);
}

static void
a_clock_that_has_just_begun_does_not_go_back(void **state)
{
	struct fair fair = { 0 };

	(void)state;
	fair_look(&fair, 10, 10, 10 + STOP_MS);
	assert_int_equal(fair_ms(&fair, 10 + STOP_MS), 10);
	fair_look(&fair, 20 + STOP_MS, 20 + STOP_MS, 20 + 2 * STOP_MS);
	assert_int_equal(fair_ms(&fair, 20 + 2 * STOP_MS), 10);
	assert_int_equal(fair_ms(&fair, 15 + 2 * LOST_MS), 15);
}

static void
a_wait_is_not_late_before_it_should_have_ended(void **state)
{
	struct fair fair = { 0 };

	(void)state;
	fair_look(&fair, 1000, 1000 + STOP_MS, 1000 + STOP_MS - 1);
	fair_look(&fair, 1000, 1000 + STOP_MS, 1000 + STOP_MS + 99);
	assert_int_equal(fair_ms(&fair, 1000 + STOP_MS), 1000 + STOP_MS);
	fair_look(&fair, 1000, UINT64_MAX, 1000 + STOP_MS);
	assert_int_equal(fair.lost_ms, 0);
	fair_look(&fair, 1000, 1000 + STOP_MS, 1000 + STOP_MS + 100);
	assert_int_equal(fair.lost_ms, 150);
}

/* Stops for a while, or says what time it is for peers. */
struct actor {
	struct loop_item item;
	uint64_t stops_ms;
	uint64_t saw_ms; /* by the fair clock, when it was run last */
};

static struct {
	struct loop loop;
	struct actor actors[2];
} f;

static void
on_run(struct loop_item *item, unsigned int reasons)
{
	struct actor *actor = container_of(item, struct actor, item);

	(void)reasons;
	actor->saw_ms = loop_fair_ms(item->loop);
	clock_ms += actor->stops_ms;
}

static int
set_up(void **state)
{
	(void)state;
	clock_ms = 50000;
	assert_int_equal(loop_init(&f.loop, 1000), 0);
	for (size_t i = 0; i < ARRAY_LEN(f.actors); i++) {
		f.actors[i] = (struct actor){ .saw_ms = 0 };
		loop_item_init(&f.actors[i].item, &f.loop, -1, on_run, NULL);
		assert_int_equal(loop_timed(&f.actors[i].item), 0);
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(f.actors); i++)
		loop_forget(&f.actors[i].item);
	loop_deinit(&f.loop);
	return 0;
}

static void
turn(void)
{
	assert_int_equal(loop_turn(&f.loop), 0);
}

static void
a_stop_in_the_middle_of_a_turn_is_no_time(void **state)
{
	(void)state;
	f.actors[0].stops_ms = STOP_MS;
	for (size_t i = 0; i < ARRAY_LEN(f.actors); i++)
		loop_queue(&f.actors[i].item, LOOP_RESUMED);
	turn();
	turn();
	assert_int_equal(f.actors[0].saw_ms, 50000);
	assert_int_equal(f.actors[1].saw_ms, 50000);
	assert_int_equal(f.loop.now_ms, 50000 + STOP_MS);
}

static void
so_is_one_at_the_end_of_a_turn_that_left_work(void **state)
{
	(void)state;
	turn();
	loop_put_off(&f.actors[0].item);
	clock_ms += STOP_MS;
	turn();
	assert_int_equal(f.actors[0].saw_ms, 50000);
}

/* It should have ended when the actor was due. */
static void
a_stop_during_a_wait_is_no_time(void **state)
{
	(void)state;
	loop_due(&f.actors[0].item, 50500);
	turn();
	clock_ms = 50500 + STOP_MS;
	turn();
	assert_int_equal(f.actors[0].saw_ms, 50000);
	assert_int_equal(f.loop.fair.lost_ms, LOST_MS);
}

static void
a_wait_until_something_is_due_is_time(void **state)
{
	(void)state;
	loop_due(&f.actors[0].item, 50000 + STOP_MS);
	turn();
	clock_ms += STOP_MS;
	turn();
	assert_int_equal(f.actors[0].saw_ms, 50000 + STOP_MS);
}

static void
a_wait_for_nothing_in_particular_is_time(void **state)
{
	(void)state;
	turn();
	clock_ms += STOP_MS;
	turn();
	assert_int_equal(loop_fair_ms(&f.loop), 50000 + STOP_MS);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_late_is_left_out_and_half_as_much_again),
		cmocka_unit_test(a_clock_that_has_just_begun_does_not_go_back),
		cmocka_unit_test(
		    a_wait_is_not_late_before_it_should_have_ended),
		TEST(a_stop_in_the_middle_of_a_turn_is_no_time),
		TEST(so_is_one_at_the_end_of_a_turn_that_left_work),
		TEST(a_stop_during_a_wait_is_no_time),
		TEST(a_wait_until_something_is_due_is_time),
		TEST(a_wait_for_nothing_in_particular_is_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
