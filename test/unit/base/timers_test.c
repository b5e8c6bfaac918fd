/* base/timers: against a search of all. */
#include "base/timers.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
/* Needs the headers above. */
#include <cmocka.h>

static uint64_t
earliest(const struct timer *all, size_t count)
{
	uint64_t due = TIMER_NEVER;

	for (size_t i = 0; i < count; i++)
		due = MIN_OF(due, all[i].due);
	return due;
}

static void
timers_find_the_one_due_first(void **state)
{
	struct timer all[100];
	struct timers timers;
	const struct timer *first;
	uint64_t due;

	(void)state;
	srand(3);
	timers_init(&timers);
	assert_null(timers_first(&timers));
	assert_int_equal(timers_reserve(&timers, ARRAY_LEN(all)), 0);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		timer_init(&all[i]);
	for (int i = 0; i < 20000; i++) {
		due = rand() % 3 == 0 ? TIMER_NEVER : (uint64_t)rand() % 500;
		timers_set(&timers, &all[rand() % 100], due);
		first = timers_first(&timers);
		due = earliest(all, ARRAY_LEN(all));
		assert_int_equal(first != NULL ? first->due : TIMER_NEVER, due);
	}
	timers_deinit(&timers);
}

static void
timers_all_come_in_order(void **state)
{
	struct timer all[1000], *first;
	struct timers timers;
	uint64_t last = 0;
	size_t seen = 0;

	(void)state;
	srand(5);
	timers_init(&timers);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		timer_init(&all[i]);
		assert_int_equal(timers_reserve(&timers, i + 1), 0);
		timers_set(&timers, &all[i], (uint64_t)rand() % 100);
	}
	while ((first = timers_first(&timers)) != NULL) {
		assert_true(first->due >= last);
		last = first->due;
		timers_set(&timers, first, TIMER_NEVER);
		seen++;
	}
	assert_int_equal(seen, ARRAY_LEN(all));
	timers_deinit(&timers);
}

/* A heap in which half of the timers were stopped is still one. */
static void
timers_left_after_half_were_stopped_come_in_order(void **state)
{
	struct timer all[1000], *first;
	struct timers timers;
	uint64_t last;
	size_t seen;

	(void)state;
	srand(7);
	timers_init(&timers);
	assert_int_equal(timers_reserve(&timers, ARRAY_LEN(all)), 0);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		timer_init(&all[i]);
	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < ARRAY_LEN(all); i++)
			timers_set(&timers, &all[i], (uint64_t)rand() % 5000);
		for (size_t i = 0; i < ARRAY_LEN(all); i += 2)
			timers_set(
			    &timers, &all[i + (size_t)rand() % 2], TIMER_NEVER);
		last = seen = 0;
		while ((first = timers_first(&timers)) != NULL) {
			assert_true(first->due >= last);
			last = first->due;
			timers_set(&timers, first, TIMER_NEVER);
			seen++;
		}
		assert_int_equal(seen, ARRAY_LEN(all) / 2);
	}
	timers_deinit(&timers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_find_the_one_due_first),
		cmocka_unit_test(timers_all_come_in_order),
		cmocka_unit_test(
		    timers_left_after_half_were_stopped_come_in_order),
	};

	return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
