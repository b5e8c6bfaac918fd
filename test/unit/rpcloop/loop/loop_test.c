/* What rpcloop/loop promises: the order within a turn, what stopping stops,
 * times, budgets, other threads, and somebody else's loop. */
#include "rpcloop/loop/loop.h"

#include "base/base.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { ITEMS = 4, BUDGET = 1000, TRACE_SIZE = 256 };

/* Writes down when it is run, as a letter; and does what a test tells it. */
struct actor {
	struct loop_item item;
	char letter;
	int other; /* the other end of its socket pair */
	void (*act)(struct actor *actor, unsigned int reasons);
};

static struct {
	struct loop loop;
	struct actor actors[ITEMS];
	char trace[TRACE_SIZE];
} f;

static void
note(char letter)
{
	size_t len = strlen(f.trace);

	assert_true(len + 1 < TRACE_SIZE);
	f.trace[len] = letter;
}

static void
on_run(struct loop_item *item, unsigned int reasons)
{
	struct actor *actor = container_of(item, struct actor, item);

	note(actor->letter);
	if (actor->act != NULL)
		actor->act(actor, reasons);
}

/* In the trace, settling is the letter in upper case. */
static bool
on_settle(struct loop_item *item)
{
	struct actor *actor = container_of(item, struct actor, item);

	note((char)(actor->letter - 'a' + 'A'));
	return true;
}

static bool
stop_and_settle(struct loop_item *item)
{
	loop_stop(item->loop);
	return on_settle(item);
}

static int
setup(void **state)
{
	int fds[2];

	(void)state;
	memset(&f, 0, sizeof(f));
	assert_int_equal(loop_init(&f.loop, BUDGET), 0);
	f.loop.budget_ns = LOOP_ANY_TIME;
	for (int i = 0; i < ITEMS; i++) {
		assert_int_equal(
		    socketpair(AF_UNIX,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
		    0);
		f.actors[i].letter = (char)('a' + i);
		f.actors[i].other = fds[1];
		loop_item_init(
		    &f.actors[i].item, &f.loop, fds[0], on_run, on_settle);
		assert_int_equal(
		    loop_watch(&f.actors[i].item, LOOP_READABLE), 0);
		assert_int_equal(loop_timed(&f.actors[i].item), 0);
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (int i = 0; i < ITEMS; i++) {
		loop_forget(&f.actors[i].item);
		close(f.actors[i].item.fd);
		close(f.actors[i].other);
	}
	loop_deinit(&f.loop);
	return 0;
}

static void
poke(int i)
{
	assert_int_equal(write(f.actors[i].other, "x", 1), 1);
}

static void
turn(void)
{
	assert_int_equal(loop_turn(&f.loop), 0);
}

static bool
is_ready(void)
{
	struct pollfd ready = { .fd = loop_fd(&f.loop), .events = POLLIN };

	return poll(&ready, 1, 0) == 1;
}

static void
drain_input(struct actor *actor, unsigned int reasons)
{
	char byte;

	if (reasons & LOOP_READABLE)
		while (read(actor->item.fd, &byte, 1) > 0)
			;
}

static void
settle_self(struct actor *actor, unsigned int reasons)
{
	drain_input(actor, reasons);
	loop_settle(&actor->item);
}

static void
settling_comes_after_all_that_is_ready(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		f.actors[i].act = settle_self;
		poke(i);
	}
	turn();
	assert_string_equal(f.trace, "abcABC");
}

/* a queues d, which is run after all that was ready, and is settled with them.
 */
static void
queue_last(struct actor *actor, unsigned int reasons)
{
	settle_self(actor, reasons);
	if (actor == &f.actors[0]) {
		loop_queue(&f.actors[3].item, LOOP_RESUMED);
		loop_queue(&f.actors[3].item, LOOP_SENDING);
	}
	if (actor == &f.actors[3])
		assert_int_equal(reasons, LOOP_RESUMED | LOOP_SENDING);
}

static void
work_of_a_turn_goes_to_its_end_with_all_its_reasons(void **state)
{
	(void)state;
	for (int i = 0; i < ITEMS; i++)
		f.actors[i].act = queue_last;
	for (int i = 0; i < 3; i++)
		poke(i);
	turn();
	assert_string_equal(f.trace, "abcdABCD");
}

static void
forget_next(struct actor *actor, unsigned int reasons)
{
	drain_input(actor, reasons);
	loop_forget(&f.actors[1].item);
}

static void
what_is_forgotten_in_a_turn_is_not_run_in_it(void **state)
{
	(void)state;
	f.actors[0].act = forget_next;
	f.actors[2].act = drain_input;
	loop_settle(&f.actors[1].item);
	loop_put_off(&f.actors[1].item);
	loop_send(&f.actors[1].item);
	for (int i = 0; i < 3; i++)
		poke(i);
	turn();
	assert_string_equal(f.trace, "ac");
	turn();
	assert_string_equal(f.trace, "ac");
}

/* A duplicate keeps the socket alive, as one in a forked child would. */
static void
what_is_forgotten_is_out_of_epoll_before_it_is_closed(void **state)
{
	int copy = dup(f.actors[0].item.fd);
	int again;

	(void)state;
	poke(0);
	loop_forget(&f.actors[0].item);
	close(f.actors[0].item.fd);
	assert_false(is_ready());
	/* A new descriptor of the same number is another one. */
	again = dup(copy);
	assert_int_equal(again, f.actors[0].item.fd);
	turn();
	assert_string_equal(f.trace, "");
	close(copy);
}

/* What is due at once must not keep the others from their turn. */
static void
due_again(struct actor *actor, unsigned int reasons)
{
	drain_input(actor, reasons);
	loop_due(&actor->item, 0);
}

static void
what_is_due_at_once_is_run_after_the_next_look(void **state)
{
	(void)state;
	f.actors[0].act = due_again;
	f.actors[1].act = drain_input;
	poke(0);
	turn();
	assert_string_equal(f.trace, "a");
	assert_true(is_ready());
	poke(1);
	turn();
	assert_string_equal(f.trace, "aba");
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
	for (int i = 0; i < ITEMS; i++)
		f.actors[i].act = expect_due;
	loop_due(&f.actors[0].item, now - 1);
	loop_due(&f.actors[1].item, now - 3);
	loop_due(&f.actors[2].item, now + 3600 * 1000);
	loop_due(&f.actors[3].item, now - 2);
	loop_due(&f.actors[3].item, TIMER_NEVER);
	turn();
	turn();
	assert_string_equal(f.trace, "ba");
	assert_false(is_ready());
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
	struct pollfd ready = { .fd = loop_fd(&f.loop), .events = POLLIN };

	(void)state;
	loop_due(&f.actors[0].item, clock_now_ms() + 20);
	turn();
	assert_int_equal(poll(&ready, 1, 10000), 1);
	turn();
	assert_string_equal(f.trace, "a");
	f.actors[0].act = stop_loop;
	loop_due(&f.actors[0].item, clock_now_ms() + 20);
	assert_int_equal(loop_run(&f.loop), 0);
	assert_string_equal(f.trace, "aa");
}

/* Spends as much as a turn has, and has more to do. */
static void
spend_all(struct actor *actor, unsigned int reasons)
{
	drain_input(actor, reasons);
	loop_spend(&f.loop, BUDGET);
	loop_put_off(&actor->item);
}

static void
spend_once(struct actor *actor, unsigned int reasons)
{
	settle_self(actor, reasons);
	loop_spend(&f.loop, BUDGET);
}

/* As little as anything may cost, until a look at the clock. */
static void
spend_little(struct actor *actor, unsigned int reasons)
{
	drain_input(actor, reasons);
	f.loop.left = f.loop.budget;
	for (int i = 0; i <= LOOP_CLOCK_BYTES && !loop_is_spent(&f.loop); i++) {
		f.loop.left = BUDGET;
		loop_spend(&f.loop, 1);
	}
	assert_true(loop_is_spent(&f.loop));
}

static bool
settle_slowly(struct loop_item *item)
{
	(void)item;
	note('S');
	return true;
}

static void
what_is_put_off_waits_for_its_share_of_a_later_turn(void **state)
{
	(void)state;
	f.actors[0].act = spend_all;
	f.actors[1].act = spend_all;
	f.actors[2].act = drain_input;
	poke(0);
	poke(1);
	turn();
	assert_string_equal(f.trace, "a");
	/* One of them in each turn, in order; what is ready comes first. */
	poke(2);
	turn();
	assert_string_equal(f.trace, "aba");
	turn();
	assert_string_equal(f.trace, "abacb");
	turn();
	assert_string_equal(f.trace, "abacba");
	assert_true(is_ready());
}

/* Whatever becomes ready at once; in the order it came. */
static void
what_is_ready_waits_for_the_next_turn_once_the_budget_is_spent(void **state)
{
	(void)state;
	for (int i = 0; i < ITEMS; i++)
		f.actors[i].act = spend_once;
	for (int i = 0; i < 3; i++)
		poke(i);
	turn();
	assert_string_equal(f.trace, "aA");
	assert_true(is_ready());
	poke(3);
	poke(0);
	turn();
	assert_string_equal(f.trace, "aAbB");
	for (int i = 0; i < 3; i++)
		turn();
	assert_string_equal(f.trace, "aAbBcCdDaA");
	turn();
	assert_false(is_ready());
}

/* Bytes do not say what they cost. */
static void
a_turn_ends_when_it_was_long_enough(void **state)
{
	(void)state;
	f.loop.budget_ns = 1;
	for (int i = 0; i < 2; i++) {
		f.actors[i].act = drain_input;
		poke(i);
	}
	turn();
	assert_string_equal(f.trace, "a");
	turn();
	assert_string_equal(f.trace, "ab");
	/* Within the work of one, too. */
	f.actors[0].act = spend_little;
	poke(0);
	while (f.loop.waiting[LOOP_LINE_READY] > 0 || is_ready())
		turn();
	assert_string_equal(f.trace, "aba");
}

/* It has many items that are ready, and another has one. */
static void
shares_take_turns(void **state)
{
	struct loop_share other;

	(void)state;
	loop_share_init(&other);
	f.actors[2].item.share = &other;
	for (int i = 0; i < ITEMS; i++) {
		f.actors[i].act = spend_all;
		loop_put_off(&f.actors[i].item);
	}
	for (int i = 0; i < 6; i++)
		turn();
	assert_string_equal(f.trace, "acbcdc");
	loop_forget(&f.actors[2].item);
	for (int i = 0; i < 3; i++)
		turn();
	assert_string_equal(f.trace, "acbcdcabd");
}

/* Whoever was touched is settled, if many are then in the next turn. */
static void
settling_is_bounded_too(void **state)
{
	enum { MANY = 100 };
	struct loop_item many[MANY];
	size_t settled = 0, before;

	(void)state;
	f.loop.budget_ns = 1;
	for (int i = 0; i < MANY; i++) {
		loop_item_init(&many[i], &f.loop, -1, on_run, settle_slowly);
		loop_settle(&many[i]);
	}
	for (int turns = 0; settled < MANY && turns < MANY; turns++) {
		before = settled;
		turn();
		settled = strlen(f.trace);
		assert_in_range(settled - before, 1, 4 * 16);
		assert_true(settled == MANY || is_ready());
	}
	assert_int_equal(settled, MANY);
	turn();
	assert_false(is_ready());
}

static void
send_all(struct actor *actor, unsigned int reasons)
{
	drain_input(actor, reasons);
	if (reasons & LOOP_SENDING)
		loop_spend(&f.loop, BUDGET);
	loop_send(&actor->item);
	loop_settle(&actor->item);
}

static void
sending_comes_after_settling_and_has_its_own_share(void **state)
{
	(void)state;
	f.actors[0].act = send_all;
	f.actors[1].act = send_all;
	poke(0);
	poke(1);
	turn();
	assert_string_equal(f.trace, "abABaA");
	assert_true(is_ready());
	turn();
	assert_string_equal(f.trace, "abABaAbB");
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
	f.actors[0].act = want_nothing;
	poke(0);
	turn();
	close(f.actors[0].other);
	f.actors[0].other = -1;
	assert_false(is_ready());
	turn();
	assert_string_equal(f.trace, "a");
	loop_want(&f.actors[0].item, LOOP_READABLE);
	turn();
	assert_true(is_ready());
	turn();
	assert_string_equal(f.trace, "aa");
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
	f.actors[0].act = see;
	seen = 0;
	loop_want(&f.actors[0].item, LOOP_READABLE | LOOP_WRITABLE);
	turn();
	close(f.actors[0].other);
	f.actors[0].other = -1;
	turn();
	assert_int_equal(seen, LOOP_READABLE | LOOP_WRITABLE);
}

static void
what_cannot_be_watched_is_told(void **state)
{
	int fd = f.actors[0].item.fd;

	(void)state;
	f.actors[0].act = see;
	seen = 0;
	loop_want(&f.actors[0].item, 0);
	turn();
	/* A descriptor that is closed. */
	f.actors[0].item.fd = dup(fd);
	close(f.actors[0].item.fd);
	loop_want(&f.actors[0].item, LOOP_READABLE);
	turn();
	turn();
	assert_int_equal(seen, LOOP_LOST);
	f.actors[0].item.fd = fd;
	assert_int_equal(loop_watch(&f.actors[0].item, LOOP_READABLE), 0);
}

static void
adding_twice_and_stopping_what_is_not_there_do_nothing(void **state)
{
	(void)state;
	loop_settle(&f.actors[0].item);
	loop_settle(&f.actors[0].item);
	loop_put_off(&f.actors[1].item);
	loop_put_off(&f.actors[1].item);
	loop_send(&f.actors[2].item);
	loop_send(&f.actors[2].item);
	turn();
	assert_string_equal(f.trace, "bAc");
	loop_forget(&f.actors[3].item);
	loop_forget(&f.actors[3].item);
	turn();
	assert_string_equal(f.trace, "bAc");
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
	    pthread_create(&thread, NULL, stop_from_outside, &f.loop), 0);
	assert_int_equal(loop_run(&f.loop), 0);
	pthread_join(thread, NULL);
}

/* Nothing else has to happen first. */
static void
what_was_touched_before_the_loop_runs_is_settled(void **state)
{
	uint64_t begun = clock_now_ms();

	(void)state;
	f.actors[1].act = stop_loop;
	loop_due(&f.actors[1].item, begun + 10000);
	loop_settle(&f.actors[0].item);
	f.actors[0].item.settle = stop_and_settle;
	assert_int_equal(loop_run(&f.loop), 0);
	assert_string_equal(f.trace, "A");
}

static void
be_busy(struct actor *actor, unsigned int reasons)
{
	uint64_t until = clock_thread_ns() + 3000000;

	drain_input(actor, reasons);
	while (clock_thread_ns() < until)
		;
}

static void
turns_are_measured_when_that_is_asked_for(void **state)
{
	(void)state;
	f.actors[0].act = be_busy;
	turn();
	assert_int_equal(f.loop.meter.turns, 0);
	f.loop.meter.on = true;
	poke(0);
	turn();
	turn();
	assert_int_equal(f.loop.meter.turns, 2);
	assert_true(f.loop.meter.longest_ns >= 3000000);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(settling_comes_after_all_that_is_ready),
		TEST(work_of_a_turn_goes_to_its_end_with_all_its_reasons),
		TEST(what_is_forgotten_in_a_turn_is_not_run_in_it),
		TEST(what_is_forgotten_is_out_of_epoll_before_it_is_closed),
		TEST(what_is_due_at_once_is_run_after_the_next_look),
		TEST(times_are_kept_in_order_and_once),
		TEST(a_time_wakes_whoever_waits),
		TEST(what_is_put_off_waits_for_its_share_of_a_later_turn),
		TEST(
		    what_is_ready_waits_for_the_next_turn_once_the_budget_is_spent),
		TEST(a_turn_ends_when_it_was_long_enough),
		TEST(shares_take_turns),
		TEST(settling_is_bounded_too),
		TEST(sending_comes_after_settling_and_has_its_own_share),
		TEST(who_wants_nothing_is_not_woken_by_the_end),
		TEST(the_end_wakes_reader_and_writer),
		TEST(what_cannot_be_watched_is_told),
		TEST(adding_twice_and_stopping_what_is_not_there_do_nothing),
		TEST(another_thread_stops_it),
		TEST(what_was_touched_before_the_loop_runs_is_settled),
		TEST(turns_are_measured_when_that_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
