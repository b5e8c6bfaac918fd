/* EACH: segments of many messages. */
#include "test/lib/bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

/* Room for every answer at once. */
#define AMPLE 100000

/* So many that there is memory for what comes after them. */
#define TEN "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"

static void
one_that_is_too_long_ends_a_segment(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o,
	    (struct saying){ .texts = TEXTS(TEN, "abc", "d"),
		.largest = 2,
		.credit = AMPLE });
	assert_string_equal(o.heard, "0,1,2,3,4,5,6,7,8,9");
	assert_int_equal(o.end, STATUS_OUT_OF_RANGE);
	assert_int_equal(o.at_message, 10);
	assert_int_equal(o.bytes_out, 10);
}

static void
one_that_is_bad_ends_a_segment(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o,
	    (struct saying){ .texts = TEXTS(TEN, "ab", "a\xff", "d"),
		.first = 20,
		.next = 20,
		.credit = AMPLE });
	assert_string_equal(o.heard, "0,1,2,3,4,5,6,7,8,9,ba");
	assert_int_equal(o.end, STATUS_INVALID_ARGUMENT);
	assert_int_equal(o.at_message, 31);
	assert_int_equal(o.at_byte, 1);
	assert_int_equal(o.messages_in, 13);
}

static void
answers_that_are_unwanted_are_left_out(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o,
	    (struct saying){ .texts = TEXTS(TEN),
		.first = 5,
		.next = 12,
		.last = true,
		.credit = AMPLE });
	assert_int_equal(o.first, 12);
	assert_string_equal(o.heard, "7,8,9");
	assert_true(o.last);
}

/* Those that fill it, and one more that shuts it. */
static void
a_segment_is_taken_as_far_as_the_window_goes(void **state)
{
	enum { MANY = 20, LEN = 97, COST = 104 };
	static message many[MANY];
	static char text[LEN];
	struct bench *b = *state;
	struct said o, x;
	u_int fit = b->limits.window / COST;

	memset(text, 'a', sizeof(text));
	for (u_int i = 0; i < MANY; i++)
		many[i] = (message){ .message_len = LEN, .message_val = text };
	assert_true(fit * COST < b->limits.window && fit + 1 < MANY);
	/* Nobody takes the answers, so all that has come stays. */
	bench_open(b, &o, (struct saying){ .messages = many, .count = MANY });
	assert_int_equal(o.next, fit + 1);
	bench_pass(b, 1);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = fit + 1,
		.messages = many,
		.count = MANY,
		.credit = AMPLE });
	assert_int_equal(x.next, 2 * (fit + 1));
	assert_int_equal(x.count, fit + 1);
}

int
main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(one_that_is_too_long_ends_a_segment),
		CASE(one_that_is_bad_ends_a_segment),
		CASE(answers_that_are_unwanted_are_left_out),
		CASE(a_segment_is_taken_as_far_as_the_window_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
