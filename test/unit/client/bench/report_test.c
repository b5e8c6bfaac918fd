/* What client/bench/report promises of rows: few, and no value in two. */
#include "client/bench/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct report_row rows[REPORT_ROWS];
static struct histogram *h;

static int
setup(void **state)
{
	(void)state;
	h = calloc(1, sizeof(*h));
	return h == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(h);
	return 0;
}

static void
nothing_has_no_rows(void **state)
{
	(void)state;
	assert_int_equal(report_rows(h, rows), 0);
}

static void
rows_begin_and_end_with_values(void **state)
{
	(void)state;
	histogram_add(h, 1500);
	histogram_add(h, 1800);
	histogram_add(h, 15000);
	assert_int_equal(report_rows(h, rows), 4);
	assert_int_equal(rows[0].up_to_ns, 2000);
	assert_int_equal(rows[0].count, 2);
	assert_int_equal(rows[1].up_to_ns, 5000);
	assert_int_equal(rows[1].count, 0);
	assert_int_equal(rows[2].up_to_ns, 10000);
	assert_int_equal(rows[3].up_to_ns, 20000);
	assert_int_equal(rows[3].count, 1);
}

static void
the_shortest_and_the_longest_times_have_rows(void **state)
{
	size_t count;

	(void)state;
	histogram_add(h, 0);
	histogram_add(h, 1);
	histogram_add(h, UINT64_MAX);
	count = report_rows(h, rows);
	assert_int_equal(count, REPORT_ROWS);
	assert_int_equal(rows[0].up_to_ns, 1000);
	assert_int_equal(rows[0].count, 2);
	assert_int_equal(
	    rows[count - 2].up_to_ns, UINT64_C(10000000000000000000));
	assert_int_equal(rows[count - 1].up_to_ns, UINT64_MAX);
	assert_int_equal(rows[count - 1].count, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    nothing_has_no_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    rows_begin_and_end_with_values, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    the_shortest_and_the_longest_times_have_rows, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
