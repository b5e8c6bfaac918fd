/* server/process/processors: as many as this process may run on. */
#include "server/process/processors.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* Needs the headers above. */
#include <cmocka.h>

static void
those_are_counted_that_are_allowed(void **state)
{
	cpu_set_t before, one;
	int first = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	/* A control group may have less. */
	assert_in_range(processors_usable(CPU_SETSIZE), 1, CPU_COUNT(&before));
	while (!CPU_ISSET(first, &before))
		first++;
	CPU_ZERO(&one);
	CPU_SET(first, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(processors_usable(CPU_SETSIZE), 1);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(processors_usable(1), 1);
}

static void
time_for_a_part_of_one_counts_as_one(void **state)
{
	(void)state;
	assert_int_equal(processors_in_quota("max 100000"), 0);
	assert_int_equal(processors_in_quota("10000 100000"), 1);
	assert_int_equal(processors_in_quota("100000 100000"), 1);
	assert_int_equal(processors_in_quota("100001 100000"), 2);
	assert_int_equal(processors_in_quota("400000 100000\n"), 4);
	assert_int_equal(processors_in_quota(""), 0);
	assert_int_equal(processors_in_quota("0 100000"), 0);
	assert_int_equal(processors_in_quota("100000 0"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_are_counted_that_are_allowed),
		cmocka_unit_test(time_for_a_part_of_one_counts_as_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
