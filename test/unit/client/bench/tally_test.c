/* What client/bench/tally promises: every call counts once, by its status. */
#include "client/bench/tally.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct tally *
new_tally(void)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	assert_non_null(tally);
	tally->begin_ns = tally->end_ns = 1000;
	return tally;
}

static void
only_what_was_answered_has_a_latency(void **state)
{
	struct tally *tally = new_tally();

	(void)state;
	tally_add(tally, STATUS_OK, 2000, 5);
	tally_add(tally, STATUS_UNAVAILABLE, 3000, 700);
	tally_add(tally, STATUS_UNAVAILABLE, 2500, 700);
	tally_add(tally, STATUS_DATA_LOSS, 2500, 700);
	assert_int_equal(tally->calls, 4);
	assert_int_equal(tally->failures, 3);
	assert_int_equal(tally->failed[STATUS_UNAVAILABLE], 2);
	assert_int_equal(tally->failed[STATUS_DATA_LOSS], 1);
	assert_int_equal(tally->failed[STATUS_OK], 0);
	assert_int_equal(tally->latency.count, 1);
	assert_int_equal(tally->latency.max, 5);
	assert_int_equal(tally->end_ns, 3000);
	free(tally);
}

static void
a_status_that_is_none_is_unknown(void **state)
{
	struct tally *tally = new_tally();

	(void)state;
	tally_add(tally, (status_code)17, 2000, 5);
	tally_add(tally, (status_code)-1, 2000, 5);
	assert_int_equal(tally->failed[STATUS_UNKNOWN], 2);
	free(tally);
}

static void
the_rate_is_of_answers(void **state)
{
	struct tally *tally = new_tally();

	(void)state;
	assert_int_equal(tally_rate(tally), 0);
	tally_add(tally, STATUS_OK, 1000 + 250 * 1000 * 1000, 5);
	tally_add(tally, STATUS_INTERNAL, 1000 + 500 * 1000 * 1000, 5);
	assert_int_equal(tally_rate(tally), 2000);
	free(tally);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_was_answered_has_a_latency),
		cmocka_unit_test(a_status_that_is_none_is_unknown),
		cmocka_unit_test(the_rate_is_of_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
