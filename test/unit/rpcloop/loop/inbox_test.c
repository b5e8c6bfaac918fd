/* rpcloop/loop/inbox and signals: what comes from outside the loop's thread. */
#include "rpcloop/loop/inbox.h"

#include "base/base.h"
#include "rpcloop/loop/signals.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { THREADS = 4, MESSAGES = 20000 };

static struct {
	struct loop loop;
	struct inbox inbox;
	struct signals signals;
	unsigned int run;
	int caught;
} f;

static int
setup(void **state)
{
	(void)state;
	f.run = 0;
	assert_int_equal(loop_init(&f.loop, 1000), 0);
	return inbox_init(&f.inbox, &f.loop);
}

static int
teardown(void **state)
{
	(void)state;
	inbox_deinit(&f.inbox);
	inbox_deinit(&f.inbox);
	loop_deinit(&f.loop);
	return 0;
}

struct letter {
	struct inbox_message message;
	unsigned int run;
};

static void
count(struct inbox_message *message)
{
	container_of(message, struct letter, message)->run++;
	if (++f.run == THREADS * MESSAGES)
		loop_stop(&f.loop);
}

static void *
post_many(void *arg)
{
	struct letter *letters = arg;

	for (int i = 0; i < MESSAGES; i++)
		inbox_post(&f.inbox, &letters[i].message);
	return NULL;
}

static void
each_message_of_many_threads_is_run_once(void **state)
{
	static struct letter letters[THREADS][MESSAGES];
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		for (int j = 0; j < MESSAGES; j++)
			letters[i][j].message.run = count;
		assert_int_equal(
		    pthread_create(&threads[i], NULL, post_many, letters[i]),
		    0);
	}
	assert_int_equal(loop_run(&f.loop), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		for (int j = 0; j < MESSAGES; j++)
			assert_int_equal(letters[i][j].run, 1);
	}
}

static void
post_again(struct inbox_message *message)
{
	container_of(message, struct letter, message)->run++;
	inbox_post(&f.inbox, message);
}

/* One that is posted twice is run once; one that posts itself, a turn later. */
static void
a_message_is_run_once_for_all_that_posted_it(void **state)
{
	struct letter letter = { .message.run = post_again };

	(void)state;
	inbox_post(&f.inbox, &letter.message);
	inbox_post(&f.inbox, &letter.message);
	assert_int_equal(loop_turn(&f.loop), 0);
	assert_int_equal(letter.run, 1);
	assert_int_equal(loop_turn(&f.loop), 0);
	assert_int_equal(letter.run, 2);
}

static void
spend_all(struct inbox_message *message)
{
	struct letter *letter = container_of(message, struct letter, message);

	letter->run = ++f.run;
	loop_spend(&f.loop, f.loop.budget);
}

static void
messages_wait_for_turns_in_their_order(void **state)
{
	struct letter letters[4] = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		letters[i].message.run = spend_all;
		inbox_post(&f.inbox, &letters[i].message);
	}
	letters[3].message.run = spend_all;
	assert_int_equal(loop_turn(&f.loop), 0);
	assert_int_equal(f.run, 1);
	inbox_post(&f.inbox, &letters[3].message);
	for (int i = 0; i < 3; i++)
		assert_int_equal(loop_turn(&f.loop), 0);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(letters[i].run, i + 1);
}

static void
all_are_run_at_the_end_whatever_it_costs(void **state)
{
	struct letter letters[3] = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		letters[i].message.run = spend_all;
		inbox_post(&f.inbox, &letters[i].message);
	}
	assert_int_equal(loop_turn(&f.loop), 0);
	assert_int_equal(f.run, 1);
	assert_true(inbox_run_all(&f.inbox));
	assert_int_equal(f.run, 3);
	assert_false(inbox_run_all(&f.inbox));
}

static void
on_signal(struct signals *signals, int number)
{
	assert_ptr_equal(signals, &f.signals);
	f.caught = number;
}

static void
a_signal_is_work_of_a_turn(void **state)
{
	sigset_t set;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	assert_int_equal(signals_init(&f.signals, &f.loop, &set, on_signal), 0);
	f.caught = 0;
	kill(getpid(), SIGUSR1);
	assert_int_equal(f.caught, 0);
	assert_int_equal(loop_turn(&f.loop), 0);
	assert_int_equal(f.caught, SIGUSR1);
	signals_deinit(&f.signals);
	signals_deinit(&f.signals);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_message_of_many_threads_is_run_once),
		TEST(a_message_is_run_once_for_all_that_posted_it),
		TEST(messages_wait_for_turns_in_their_order),
		TEST(all_are_run_at_the_end_whatever_it_costs),
		TEST(a_signal_is_work_of_a_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
