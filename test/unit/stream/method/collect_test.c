/* COLLECT: segments of many messages. */
#include "test/lib/bench.h"

#include <setjmp.h>
#include <stdarg.h>
/* Needs the headers above. */
#include <cmocka.h>

/* Room for every answer at once. */
#define AMPLE 100000

#define A50  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A500 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50

static void
the_messages_of_a_segment_are_joined(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o,
	    (struct saying){ .method = METHOD_COLLECT,
		.texts = TEXTS("ab", "", "c", "d\xc3", "\xa9"),
		.last = true,
		.wait_ms = 100,
		.credit = AMPLE });
	assert_string_equal(o.heard, "\xc3\xa9\x64\x63\x62\x61");
	assert_int_equal(o.messages_in, 5);
	assert_int_equal(o.bytes_in, 6);
}

static void
messages_count_up_to_the_one_that_is_bad(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o,
	    (struct saying){ .method = METHOD_COLLECT,
		.texts = TEXTS("ab", "c", "d\xff", "e", "f"),
		.credit = AMPLE });
	assert_int_equal(o.end, STATUS_INVALID_ARGUMENT);
	assert_int_equal(o.at_message, 2);
	assert_int_equal(o.at_byte, 1);
	assert_int_equal(o.next, 3);
	assert_int_equal(o.messages_in, 3);
	assert_int_equal(o.bytes_in, 5);
}

/* Where a character began in an earlier segment, that is known in a later one.
 */
static void
a_character_may_be_bad_since_an_earlier_segment(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){ .method = METHOD_COLLECT,
		.texts = TEXTS("ab", "c\xe6", "\x97"),
		.credit = AMPLE });
	assert_int_equal(o.next, 3);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 3, .texts = TEXTS("", "d", "e"), .credit = AMPLE });
	assert_int_equal(x.end, STATUS_INVALID_ARGUMENT);
	assert_int_equal(x.at_message, 1);
	assert_int_equal(x.at_byte, 1);
	assert_int_equal(x.messages_in, 5);
}

static void
messages_count_up_to_the_one_that_is_too_long(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o,
	    (struct saying){ .method = METHOD_COLLECT,
		.unit = UNIT_BYTE,
		.texts = TEXTS(A500, A500, A500, A500, "", "ab", "c"),
		.credit = AMPLE });
	assert_int_equal(o.end, STATUS_RESOURCE_EXHAUSTED);
	assert_int_equal(o.at_message, 5);
	assert_int_equal(o.next, 6);
	assert_int_equal(o.messages_in, 6);
	assert_int_equal(o.bytes_in, 2002);
}

int
main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(the_messages_of_a_segment_are_joined),
		CASE(messages_count_up_to_the_one_that_is_bad),
		CASE(a_character_may_be_bad_since_an_earlier_segment),
		CASE(messages_count_up_to_the_one_that_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
