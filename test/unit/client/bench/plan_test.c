/* What client/bench/plan promises: a start that nothing moves. */
#include "client/bench/plan.h"

#include "client/bench/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS   UINT64_C(1000000)
#define FROM (UINT64_C(5) * 1000 * MS)

static struct plan
plan_with(uint32_t rate, uint64_t count, uint64_t end_ns)
{
	return (struct plan){
		.begin_ns = FROM,
		.end_ns = end_ns,
		.count = count,
		.rate = rate,
	};
}

static void
without_a_rate_a_call_begins_when_it_can(void **state)
{
	struct plan plan = plan_with(0, 2, PLAN_FOREVER);
	uint64_t start;

	(void)state;
	assert_true(plan_take(&plan, FROM + 7, &start));
	assert_int_equal(start, FROM + 7);
	assert_false(plan_is_over(&plan, FROM + 8));
	assert_true(plan_take(&plan, FROM + 9, &start));
	assert_int_equal(start, FROM + 9);
	assert_false(plan_take(&plan, FROM + 9, &start));
	assert_true(plan_is_over(&plan, FROM + 9));
	assert_int_equal(plan_left(&plan, FROM + 9), 0);
}

static void
with_a_rate_it_begins_in_its_time(void **state)
{
	struct plan plan = plan_with(3, PLAN_FOREVER, PLAN_FOREVER);
	uint64_t start;

	(void)state;
	assert_int_equal(plan_next(&plan), FROM);
	assert_true(plan_take(&plan, FROM, &start));
	assert_int_equal(plan_next(&plan), FROM + 333333333);
	assert_false(plan_take(&plan, FROM + 333333332, &start));
	assert_true(plan_take(&plan, FROM + 333333333, &start));
	assert_true(plan_take(&plan, FROM + 1000 * MS, &start));
	assert_int_equal(start, FROM + 666666666);
	assert_int_equal(plan_next(&plan), FROM + 1000 * MS);
}

static void
a_late_call_was_planned_earlier(void **state)
{
	struct plan plan = plan_with(1000, PLAN_FOREVER, PLAN_FOREVER);
	uint64_t start;

	(void)state;
	for (uint64_t i = 0; i < 10; i++) {
		assert_true(plan_take(&plan, FROM + 50 * MS, &start));
		assert_int_equal(start, FROM + i * MS);
	}
	assert_int_equal(plan_left(&plan, FROM + 50 * MS), 40);
}

static void
none_begins_at_the_end(void **state)
{
	struct plan plan = plan_with(1000, PLAN_FOREVER, FROM + 2 * MS);
	uint64_t start;

	(void)state;
	assert_true(plan_take(&plan, FROM + MS, &start));
	assert_false(plan_is_over(&plan, FROM + MS));
	assert_true(plan_is_over(&plan, FROM + 2 * MS));
	assert_false(plan_take(&plan, FROM + 2 * MS, &start));
	/* The one of FROM + MS; that of the end is none. */
	assert_int_equal(plan_left(&plan, FROM + 2 * MS), 1);
	assert_int_equal(plan_left(&plan, FROM + 500 * MS), 1);
	assert_true(plan_take(&plan, FROM + MS, &start));
	assert_int_equal(plan_next(&plan), PLAN_FOREVER);
	assert_true(plan_is_over(&plan, FROM + MS));
}

static void
no_more_are_left_than_the_count(void **state)
{
	struct plan plan = plan_with(1000, 5, PLAN_FOREVER);
	uint64_t start;

	(void)state;
	assert_int_equal(plan_left(&plan, FROM), 0);
	assert_int_equal(plan_left(&plan, FROM + 1), 1);
	assert_int_equal(plan_left(&plan, FROM + 900 * MS), 5);
	while (plan_take(&plan, FROM + 900 * MS, &start))
		;
	assert_int_equal(plan.taken, 5);
	assert_int_equal(plan_left(&plan, FROM + 900 * MS), 0);
}

static void
a_day_at_the_highest_rate_is_exact(void **state)
{
	const uint64_t day = UINT64_C(24) * 60 * 60;
	struct plan plan = plan_with(1000 * 1000, PLAN_FOREVER, PLAN_FOREVER);

	(void)state;
	plan.taken = day * 1000 * 1000;
	assert_int_equal(plan_next(&plan), FROM + day * 1000 * MS);
	assert_int_equal(plan_left(&plan, FROM + day * 1000 * MS + 1), 1);
}

/* A server that stops for 300 of 1000 ms, with one call in flight: what is
 * measured from the planned start has 300 late calls, not one. */
static void
a_pause_is_seen_by_all_calls_in_it(void **state)
{
	struct plan plan = plan_with(1000, 1000, PLAN_FOREVER);
	struct histogram *h = calloc(1, sizeof(*h));
	uint64_t now = FROM, start;

	(void)state;
	assert_non_null(h);
	while (!plan_is_over(&plan, now)) {
		if (!plan_take(&plan, now, &start)) {
			now = plan_next(&plan);
			continue;
		}
		/* It takes 1 us, or until the pause is over. */
		now += 1000;
		if (start == FROM + 500 * MS)
			now = FROM + 800 * MS;
		histogram_add(h, now - start);
	}
	assert_int_equal(h->count, 1000);
	assert_int_equal(h->max, 300 * MS);
	assert_true(histogram_percentile(h, 500) < 2 * MS);
	assert_true(histogram_percentile(h, 700) < 2 * MS);
	assert_in_range(histogram_percentile(h, 900), 198 * MS, 203 * MS);
	assert_in_range(histogram_percentile(h, 990), 288 * MS, 293 * MS);
	free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_rate_a_call_begins_when_it_can),
		cmocka_unit_test(with_a_rate_it_begins_in_its_time),
		cmocka_unit_test(a_late_call_was_planned_earlier),
		cmocka_unit_test(none_begins_at_the_end),
		cmocka_unit_test(no_more_are_left_than_the_count),
		cmocka_unit_test(a_day_at_the_highest_rate_is_exact),
		cmocka_unit_test(a_pause_is_seen_by_all_calls_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
