/* What client/bench/histogram promises: percentiles to within a 128th. */
#include "client/bench/histogram.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct histogram h;

static int
setup(void **state)
{
	(void)state;
	memset(&h, 0, sizeof(h));
	return 0;
}

static void
an_empty_one_has_no_values(void **state)
{
	struct histogram_bar bar;
	size_t at = 0;

	(void)state;
	assert_int_equal(histogram_percentile(&h, 500), 0);
	assert_int_equal(histogram_percentile(&h, 1000), 0);
	assert_false(histogram_next(&h, &at, &bar));
}

static void
small_values_are_exact(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 100; i++)
		histogram_add(&h, i);
	assert_int_equal(histogram_percentile(&h, 500), 50);
	assert_int_equal(histogram_percentile(&h, 900), 90);
	assert_int_equal(histogram_percentile(&h, 990), 99);
	assert_int_equal(histogram_percentile(&h, 999), 100);
	assert_int_equal(histogram_percentile(&h, 1000), 100);
}

static void
one_value_is_every_percentile(void **state)
{
	(void)state;
	histogram_add(&h, 123456789);
	assert_int_equal(histogram_percentile(&h, 1), 123456789);
	assert_int_equal(histogram_percentile(&h, 500), 123456789);
	assert_int_equal(histogram_percentile(&h, 1000), 123456789);
}

static void
the_largest_is_exact(void **state)
{
	(void)state;
	histogram_add(&h, 1000001);
	histogram_add(&h, 1000003);
	assert_int_equal(histogram_percentile(&h, 1000), 1000003);
	histogram_add(&h, 7);
	assert_int_equal(histogram_percentile(&h, 1000), 1000003);
}

/* Of two values the smaller is the median, unless they share a bucket. */
static void
assert_close(uint64_t value)
{
	uint64_t found;

	memset(&h, 0, sizeof(h));
	histogram_add(&h, value);
	histogram_add(&h, UINT64_MAX);
	found = histogram_percentile(&h, 500);
	assert_true(found >= value);
	assert_true(found - value <= value / HISTOGRAM_STEPS);
}

static void
every_value_is_close(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 64; bit++) {
		uint64_t power = UINT64_C(1) << bit;

		assert_close(power - 1);
		assert_close(power);
		assert_close(power + power / 2);
		assert_close(power + power / 3);
	}
	assert_close(UINT64_MAX);
}

static void
neighbours_have_buckets_in_order(void **state)
{
	struct histogram_bar bar;
	uint64_t last = 0, seen = 0;
	size_t at = 0;

	(void)state;
	for (uint64_t value = 1; value < UINT64_C(1) << 40;
	     value += value / 50 + 1)
		histogram_add(&h, value);
	while (histogram_next(&h, &at, &bar)) {
		assert_true(bar.value > last);
		last = bar.value;
		seen += bar.count;
	}
	assert_int_equal(seen, h.count);
	assert_int_equal(last, h.max);
}

/* 1 of 1000 is beyond the 99.9th percentile, and no fewer. */
static void
a_percentile_is_never_less_than_its_part(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 998; i++)
		histogram_add(&h, 1);
	histogram_add(&h, 50);
	histogram_add(&h, 100);
	assert_int_equal(histogram_percentile(&h, 998), 1);
	assert_int_equal(histogram_percentile(&h, 999), 50);
	histogram_add(&h, 100);
	assert_int_equal(histogram_percentile(&h, 999), 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_empty_one_has_no_values, setup),
		cmocka_unit_test_setup(small_values_are_exact, setup),
		cmocka_unit_test_setup(one_value_is_every_percentile, setup),
		cmocka_unit_test_setup(the_largest_is_exact, setup),
		cmocka_unit_test_setup(every_value_is_close, setup),
		cmocka_unit_test_setup(neighbours_have_buckets_in_order, setup),
		cmocka_unit_test_setup(
		    a_percentile_is_never_less_than_its_part, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
