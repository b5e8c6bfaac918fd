/* How long, and how often, a stream is tried again: stream/client/patience. */
#include "stream/client/patience.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
/* Needs the headers above. */
#include <cmocka.h>

#define RETRY_MS 30000

static struct patience p;
static uint64_t now;

static int
setup(void **state)
{
	(void)state;
	now = 1000;
	patience_init(&p, RETRY_MS, now);
	return 0;
}

/* An attempt fails at once; returns the pause after it. */
static uint64_t
pause_after(uint32_t floor_ms, uint32_t random)
{
	assert_true(patience_fails(&p, now, floor_ms, random));
	return p.not_before - now;
}

static void
first_attempt_after_progress_is_made_at_once(void **state)
{
	(void)state;
	assert_int_equal(pause_after(0, 12345), 0);
	assert_in_range(pause_after(0, 12345), 25, 50);
	now = p.not_before;
	patience_is_rewarded(&p, now);
	assert_int_equal(pause_after(0, 12345), 0);
}

static void
pauses_double_up_to_five_seconds(void **state)
{
	static const uint32_t pauses[] = { 50, 100, 200, 400, 800, 1600, 3200,
		5000, 5000, 5000 };

	(void)state;
	patience_init(&p, UINT32_MAX, now);
	pause_after(0, 0);
	for (size_t i = 0; i < ARRAY_LEN(pauses); i++) {
		assert_int_equal(pause_after(0, 0), pauses[i] / 2);
		now = p.not_before;
	}
	for (int i = 0; i < 100; i++) {
		assert_int_equal(pause_after(0, 2500), 5000);
		now = p.not_before;
	}
}

static void
pause_is_a_random_half_to_all_of_it(void **state)
{
	uint32_t seen[51] = { 0 };

	(void)state;
	for (uint32_t random = 0; random < 1000; random++) {
		patience_init(&p, RETRY_MS, now);
		pause_after(0, random);
		seen[pause_after(0, random * 77777)]++;
	}
	for (unsigned int ms = 0; ms <= 50; ms++)
		assert_int_equal(seen[ms] > 0, ms >= 25);
}

static void
server_may_ask_for_a_longer_pause(void **state)
{
	(void)state;
	assert_int_equal(pause_after(700, 0), 700);
	now = p.not_before;
	assert_int_equal(pause_after(700, 0), 700);
	now = p.not_before;
	/* The pause of a third failure is longer than this. */
	assert_int_equal(pause_after(7, 0), 50);
}

static void
nobody_waits_for_an_hour_because_a_server_says_so(void **state)
{
	(void)state;
	assert_true(patience_fails(&p, now, RETRY_MS, 0));
	assert_false(patience_fails(&p, now, RETRY_MS + 1, 0));
}

static void
it_is_over_with_the_first_failure_after_the_time(void **state)
{
	uint64_t begun = now;

	(void)state;
	pause_after(0, 0);
	now = begun + RETRY_MS - 1;
	pause_after(0, 0);
	now = p.not_before;
	assert_true(now > begun + RETRY_MS);
	assert_false(patience_fails(&p, now, 0, 0));
}

static void
whoever_had_progress_tries_once_more(void **state)
{
	(void)state;
	patience_asks(&p, now);
	now += 10 * RETRY_MS;
	assert_int_equal(pause_after(0, 0), 0);
	assert_false(patience_fails(&p, now, 0, 0));
}

static void
without_any_time_the_first_failure_is_the_end(void **state)
{
	(void)state;
	patience_init(&p, 0, now);
	assert_false(patience_fails(&p, now, 0, 0));
}

static void
failures_during_a_pause_are_one(void **state)
{
	(void)state;
	pause_after(10, 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(pause_after(20, 0), 20);
	now = p.not_before;
	assert_int_equal(pause_after(0, 0), 25);
}

static void
time_stands_still_while_the_server_answers(void **state)
{
	(void)state;
	for (int i = 0; i < 7; i++) {
		patience_asks(&p, now);
		now += RETRY_MS / 2;
		patience_is_answered(&p, now);
		pause_after(0, 0);
		now = p.not_before;
	}
	/* But not during the pauses, which grow all the same. */
	assert_int_equal(now - p.since, 25 + 50 + 100 + 200 + 400 + 800);
}

static void
answers_to_other_calls_make_no_failure_undone(void **state)
{
	uint64_t begun = now;

	(void)state;
	patience_asks(&p, now);
	pause_after(0, 0);
	now += RETRY_MS;
	patience_is_answered(&p, now);
	assert_int_equal(p.since, begun);
	assert_false(patience_fails(&p, now, 0, 0));
}

static void
progress_begins_anew(void **state)
{
	(void)state;
	pause_after(0, 0);
	now += RETRY_MS;
	patience_is_rewarded(&p, now);
	assert_int_equal(pause_after(0, 0), 0);
	now += RETRY_MS - 1;
	pause_after(0, 0);
}

/* Returns after how many answers in a row that brought nothing. */
static unsigned int
answers_before_a_pause(void)
{
	unsigned int answers = 0;

	while (p.not_before <= now) {
		patience_is_answered(&p, now);
		assert_in_range(++answers, 1, 100);
	}
	return answers;
}

static void
many_answers_with_nothing_are_asked_for_slowly(void **state)
{
	(void)state;
	assert_in_range(answers_before_a_pause(), 20, 40);
	for (int i = 0; i < 10; i++) {
		now = p.not_before;
		assert_int_equal(answers_before_a_pause(), 1);
		assert_int_equal(p.not_before - now, 50);
	}
	now = p.not_before;
	patience_goes_on(&p);
	assert_in_range(answers_before_a_pause(), 20, 40);
	now = p.not_before;
	patience_is_rewarded(&p, now);
	assert_in_range(answers_before_a_pause(), 20, 40);
}

static void
fail_after_the_pause(void)
{
	now = MAX_OF(now, p.not_before);
	pause_after(0, 0);
}

static void
it_is_wary_until_something_goes_through(void **state)
{
	(void)state;
	fail_after_the_pause();
	assert_false(patience_is_wary(&p));
	fail_after_the_pause();
	assert_true(patience_is_wary(&p));
	patience_is_answered(&p, now);
	assert_true(patience_is_wary(&p));
	patience_goes_on(&p);
	fail_after_the_pause();
	assert_false(patience_is_wary(&p));
	fail_after_the_pause();
	assert_true(patience_is_wary(&p));
	patience_is_rewarded(&p, now);
	assert_false(patience_is_wary(&p));
}

int
main(void)
{
#define FACT(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		FACT(first_attempt_after_progress_is_made_at_once),
		FACT(pauses_double_up_to_five_seconds),
		FACT(pause_is_a_random_half_to_all_of_it),
		FACT(server_may_ask_for_a_longer_pause),
		FACT(nobody_waits_for_an_hour_because_a_server_says_so),
		FACT(it_is_over_with_the_first_failure_after_the_time),
		FACT(whoever_had_progress_tries_once_more),
		FACT(without_any_time_the_first_failure_is_the_end),
		FACT(failures_during_a_pause_are_one),
		FACT(time_stands_still_while_the_server_answers),
		FACT(answers_to_other_calls_make_no_failure_undone),
		FACT(progress_begins_anew),
		FACT(many_answers_with_nothing_are_asked_for_slowly),
		FACT(it_is_wary_until_something_goes_through),
	};

	return cmocka_run_group_tests_name("patience", tests, NULL, NULL);
}
