/* The pauses between attempts: base/backoff. */
#include "base/backoff.h"

#include "base/base.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
/* Needs the headers above. */
#include <cmocka.h>

static void
the_first_attempt_is_made_at_once(void **state)
{
	(void)state;
	assert_int_equal(backoff_ms(0, 0), 0);
	assert_int_equal(backoff_ms(0, UINT32_MAX), 0);
}

static void
pauses_double_up_to_five_seconds(void **state)
{
	static const uint32_t most[] = { 50, 100, 200, 400, 800, 1600, 3200,
		5000, 5000 };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_LEN(most); i++) {
		assert_int_equal(backoff_ms(1 + i, 0), most[i] / 2);
		assert_int_equal(backoff_ms(1 + i, most[i] / 2), most[i]);
	}
	assert_int_equal(backoff_ms(UINT_MAX, 0), 2500);
	assert_int_equal(backoff_ms(UINT_MAX, 2500), 5000);
}

static void
a_pause_is_a_random_half_to_all_of_it(void **state)
{
	uint32_t seen[51] = { 0 };

	(void)state;
	for (uint32_t random = 0; random < 1000; random++)
		seen[backoff_ms(1, random * 77777)]++;
	for (unsigned int ms = 0; ms <= 50; ms++)
		assert_int_equal(seen[ms] > 0, ms >= 25);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_attempt_is_made_at_once),
		cmocka_unit_test(pauses_double_up_to_five_seconds),
		cmocka_unit_test(a_pause_is_a_random_half_to_all_of_it),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
