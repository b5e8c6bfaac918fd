/* stream/segment: what segments cost, and which numbers they may have. */
#include "stream/segment.h"

#include <setjmp.h>
#include <stdarg.h>
/* Needs the headers above. */
#include <cmocka.h>

static void
cost_is_that_of_opaque_in_xdr(void **state)
{
	(void)state;
	assert_int_equal(message_cost(0), 4);
	assert_int_equal(message_cost(1), 8);
	assert_int_equal(message_cost(4), 8);
	assert_int_equal(message_cost(5), 12);
}

static void
first_message_fits_whatever_its_size(void **state)
{
	(void)state;
	assert_true(segment_fits(1000, 0, 10));
	assert_true(segment_fits(6, 4, 10));
	assert_false(segment_fits(8, 4, 10));
	assert_false(segment_fits(4, 1000, 10));
}

static void
numbers_beyond_what_was_sent_or_2_63_are_refused(void **state)
{
	segment piece = { .first = NUMBER_END - 2, .next = 7 };

	(void)state;
	piece.messages.messages_len = 1;
	assert_true(segment_after(&piece) == NUMBER_END - 1);
	assert_null(segment_refuses(&piece, 7));
	assert_non_null(segment_refuses(&piece, 6));
	piece.messages.messages_len = 2;
	assert_non_null(segment_refuses(&piece, 7));
	piece.first = UINT64_MAX;
	assert_non_null(segment_refuses(&piece, 7));
	piece = (segment){ .next = NUMBER_END };
	assert_non_null(segment_refuses(&piece, UINT64_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cost_is_that_of_opaque_in_xdr),
		cmocka_unit_test(first_message_fits_whatever_its_size),
		cmocka_unit_test(
		    numbers_beyond_what_was_sent_or_2_63_are_refused),
	};

	return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
