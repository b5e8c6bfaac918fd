/* What a turn of rpcloop/loop promises: its order, its budget, how shares take
 * turns, and how it is measured. */
#include "base/clock.h"
#include "test/lib/actors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

static void
settling_comes_after_all_that_is_ready(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		stage.actors[i].act = actor_settles;
		actors_poke(i);
	}
	actors_turn();
	assert_string_equal(stage.trace, "abcABC");
}

/* a queues d, which is run after all that was ready, and is settled with them.
 */
static void
queue_last(struct actor *actor, unsigned int reasons)
{
	actor_settles(actor, reasons);
	if (actor == &stage.actors[0]) {
		loop_queue(&stage.actors[3].item, LOOP_RESUMED);
		loop_queue(&stage.actors[3].item, LOOP_SENDING);
	}
	if (actor == &stage.actors[3])
		assert_int_equal(reasons, LOOP_RESUMED | LOOP_SENDING);
}

static void
work_of_a_turn_goes_to_its_end_with_all_its_reasons(void **state)
{
	(void)state;
	for (int i = 0; i < ACTORS; i++)
		stage.actors[i].act = queue_last;
	for (int i = 0; i < 3; i++)
		actors_poke(i);
	actors_turn();
	assert_string_equal(stage.trace, "abcdABCD");
}

/* Spends as much as a turn has, and has more to do. */
static void
spend_all(struct actor *actor, unsigned int reasons)
{
	actor_reads(actor, reasons);
	loop_spend(&stage.loop, ACTORS_BUDGET);
	loop_put_off(&actor->item);
}

static void
spend_once(struct actor *actor, unsigned int reasons)
{
	actor_settles(actor, reasons);
	loop_spend(&stage.loop, ACTORS_BUDGET);
}

/* As little as anything may cost, until a look at the clock. */
static void
spend_little(struct actor *actor, unsigned int reasons)
{
	actor_reads(actor, reasons);
	stage.loop.left = stage.loop.budget;
	for (int i = 0; i <= LOOP_CLOCK_BYTES && !loop_is_spent(&stage.loop);
	     i++) {
		stage.loop.left = ACTORS_BUDGET;
		loop_spend(&stage.loop, 1);
	}
	assert_true(loop_is_spent(&stage.loop));
}

static bool
note_settling(struct loop_item *item)
{
	(void)item;
	actors_note('S');
	return true;
}

static void
what_is_put_off_waits_for_its_share_of_a_later_turn(void **state)
{
	(void)state;
	stage.actors[0].act = spend_all;
	stage.actors[1].act = spend_all;
	stage.actors[2].act = actor_reads;
	actors_poke(0);
	actors_poke(1);
	actors_turn();
	assert_string_equal(stage.trace, "a");
	/* One of them in each turn, in order; what is ready comes first. */
	actors_poke(2);
	actors_turn();
	assert_string_equal(stage.trace, "aba");
	actors_turn();
	assert_string_equal(stage.trace, "abacb");
	actors_turn();
	assert_string_equal(stage.trace, "abacba");
	assert_true(actors_ready());
}

/* Whatever becomes ready at once; in the order it came. */
static void
what_is_ready_waits_once_the_budget_is_spent(void **state)
{
	(void)state;
	for (int i = 0; i < ACTORS; i++)
		stage.actors[i].act = spend_once;
	for (int i = 0; i < 3; i++)
		actors_poke(i);
	actors_turn();
	assert_string_equal(stage.trace, "aA");
	assert_true(actors_ready());
	actors_poke(3);
	actors_poke(0);
	actors_turn();
	assert_string_equal(stage.trace, "aAbB");
	for (int i = 0; i < 3; i++)
		actors_turn();
	assert_string_equal(stage.trace, "aAbBcCdDaA");
	actors_turn();
	assert_false(actors_ready());
}

/* Bytes do not say what they cost. */
static void
a_turn_ends_when_it_was_long_enough(void **state)
{
	(void)state;
	stage.loop.budget_ns = 1;
	for (int i = 0; i < 2; i++) {
		stage.actors[i].act = actor_reads;
		actors_poke(i);
	}
	actors_turn();
	assert_string_equal(stage.trace, "a");
	actors_turn();
	assert_string_equal(stage.trace, "ab");
	/* Within the work of one, too. */
	stage.actors[0].act = spend_little;
	actors_poke(0);
	while (stage.loop.waiting[LOOP_LINE_READY] > 0 || actors_ready())
		actors_turn();
	assert_string_equal(stage.trace, "aba");
}

/* One has many items that wait, and another has one. */
static void
shares_take_turns(void **state)
{
	struct loop_share other;

	(void)state;
	loop_share_init(&other);
	stage.actors[2].item.share = &other;
	for (int i = 0; i < ACTORS; i++) {
		stage.actors[i].act = spend_all;
		loop_put_off(&stage.actors[i].item);
	}
	for (int i = 0; i < 6; i++)
		actors_turn();
	assert_string_equal(stage.trace, "acbcdc");
	loop_forget(&stage.actors[2].item);
	for (int i = 0; i < 3; i++)
		actors_turn();
	assert_string_equal(stage.trace, "acbcdcabd");
}

/* Whoever was touched is settled, if many are then in the next turn. */
static void
settling_is_bounded_too(void **state)
{
	enum { MANY = 100 };
	struct loop_item many[MANY];
	size_t settled = 0, before;

	(void)state;
	stage.loop.budget_ns = 1;
	for (int i = 0; i < MANY; i++) {
		loop_item_init(
		    &many[i], &stage.loop, -1, actor_runs, note_settling);
		loop_settle(&many[i]);
	}
	for (int turns = 0; settled < MANY && turns < MANY; turns++) {
		before = settled;
		actors_turn();
		settled = strlen(stage.trace);
		assert_in_range(settled - before, 1, 4 * 16);
		assert_true(settled == MANY || actors_ready());
	}
	assert_int_equal(settled, MANY);
	actors_turn();
	assert_false(actors_ready());
}

/* What is not told yet is told in the next turn, which comes at once: nothing
 * else would bring it. */
static void
telling_the_kernel_is_bounded_too(void **state)
{
	enum { MANY = 190 };
	struct loop_item many[MANY];
	unsigned int turns = 0;

	(void)state;
	stage.loop.budget_ns = 1;
	for (int i = 0; i < MANY; i++) {
		loop_item_init(&many[i], &stage.loop, eventfd(0, EFD_CLOEXEC),
		    actor_runs, NULL);
		assert_int_equal(loop_watch(&many[i], LOOP_READABLE), 0);
		loop_want(&many[i], 0);
	}
	for (actors_turn(); !TAILQ_EMPTY(&stage.loop.changed); actors_turn()) {
		assert_true(actors_ready());
		turns++;
	}
	assert_in_range(turns, 1, MANY / 2);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(many[i].known, 0);
		loop_forget(&many[i]);
		close(many[i].fd);
	}
}

static void
send_all(struct actor *actor, unsigned int reasons)
{
	actor_reads(actor, reasons);
	if (reasons & LOOP_SENDING)
		loop_spend(&stage.loop, ACTORS_BUDGET);
	loop_send(&actor->item);
	loop_settle(&actor->item);
}

static void
sending_comes_after_settling_and_one_is_sent_at_least(void **state)
{
	(void)state;
	stage.actors[0].act = send_all;
	stage.actors[1].act = send_all;
	actors_poke(0);
	actors_poke(1);
	actors_turn();
	assert_string_equal(stage.trace, "abABaA");
	assert_true(actors_ready());
	actors_turn();
	assert_string_equal(stage.trace, "abABaAbB");
}

static void
be_busy(struct actor *actor, unsigned int reasons)
{
	uint64_t until = clock_thread_ns() + 3000000;

	actor_reads(actor, reasons);
	while (clock_thread_ns() < until)
		;
}

static void
turns_are_measured_when_that_is_asked_for(void **state)
{
	(void)state;
	stage.actors[0].act = be_busy;
	actors_turn();
	assert_int_equal(stage.loop.meter.turns, 0);
	stage.loop.meter.on = true;
	actors_poke(0);
	actors_turn();
	actors_turn();
	assert_int_equal(stage.loop.meter.turns, 2);
	assert_true(stage.loop.meter.longest_ns >= 3000000);
}

/* They have come first, and are as many as may be. */
static void
those_that_may_be_slow_come_after_those_that_are_ready(void **state)
{
	(void)state;
	for (int i = 0; i < ACTORS; i++) {
		stage.actors[i].act = actor_reads;
		stage.actors[i].item.slow = i < 2;
		actors_poke(i);
	}
	actors_turn();
	assert_string_equal(stage.trace, "cdab");
	/* One of them all the same when the budget is spent. */
	memset(stage.trace, 0, sizeof(stage.trace));
	for (int i = 0; i < ACTORS; i++) {
		stage.actors[i].act = spend_once;
		actors_poke(i);
	}
	actors_turn();
	assert_string_equal(stage.trace, "caCA");
	/* In one line at a time, whatever it is by then. */
	stage.actors[3].item.slow = true;
	actors_poke(3);
	for (int i = 0; i < ACTORS; i++)
		actors_turn();
	assert_int_equal(strlen(stage.trace), 2 * ACTORS);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, actors_setup, actors_teardown)
	const struct CMUnitTest tests[] = {
		TEST(settling_comes_after_all_that_is_ready),
		TEST(work_of_a_turn_goes_to_its_end_with_all_its_reasons),
		TEST(what_is_put_off_waits_for_its_share_of_a_later_turn),
		TEST(what_is_ready_waits_once_the_budget_is_spent),
		TEST(a_turn_ends_when_it_was_long_enough),
		TEST(shares_take_turns),
		TEST(those_that_may_be_slow_come_after_those_that_are_ready),
		TEST(settling_is_bounded_too),
		TEST(telling_the_kernel_is_bounded_too),
		TEST(sending_comes_after_settling_and_one_is_sent_at_least),
		TEST(turns_are_measured_when_that_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
