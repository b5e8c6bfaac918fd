/* Rule 7 of streams (reverse.x), OPEN: one fact a test. */
#include "base/base.h"
#include "test/lib/bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

/* Room for every answer at once. */
#define AMPLE 100000

static void
repeated_open_is_the_same_stream(void **state)
{
	struct bench *b = *state;
	struct saying saying = {
		.texts = TEXTS("ab"), .nonce = 5, .credit = AMPLE
	};
	struct said o, again, x;

	bench_open(b, &o, saying);
	saying.connection = 2;
	bench_open(b, &again, saying);
	assert_memory_equal(again.stream, o.stream, sizeof(token));
	assert_string_equal(again.heard, "ba");
	assert_int_equal(again.next, 1);
	assert_int_equal(streams_count(b->streams), 1);
	/* It took the stream over. */
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 1, .ahead = true, .credit = AMPLE });
	assert_int_equal(x.code, STATUS_ABORTED);
	/* So does one that wants no messages yet, without disturbing. */
	saying.connection = 3;
	saying.credit = 0;
	bench_open(b, &again, saying);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.connection = 3, .first = 1, .ahead = true, .credit = AMPLE });
	assert_int_equal(x.code, STATUS_OK);
}

static void
nonce_of_another_stream_is_refused(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o, (struct saying){ .nonce = 5 });
	bench_open(b, &o, (struct saying){ .nonce = 5, .unit = UNIT_BYTE });
	assert_int_equal(o.code, STATUS_ALREADY_EXISTS);
	bench_open(
	    b, &o, (struct saying){ .nonce = 5, .method = METHOD_WHOLE });
	assert_int_equal(o.code, STATUS_ALREADY_EXISTS);
	/* Another client's nonces are its own. */
	bench_open(b, &o, (struct saying){ .nonce = 5, .client = 3 });
	assert_int_equal(o.code, STATUS_OK);
	assert_int_equal(streams_count(b->streams), 2);
}

/* Whoever repeats an OPEN repeats all of it, but for what is shorter then. */
static void
repeated_open_has_the_same_terms(void **state)
{
	const struct saying first = { .method = METHOD_EACH,
		.unit = UNIT_CODEPOINT,
		.pace_ms = 7,
		.largest = 500,
		.first = 4,
		.next = 6,
		.nonce = 5,
		.deadline_ms = 900 };
	struct saying others[6];
	struct bench *b = *state;
	struct said o, x;

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		others[i] = first;
	others[0].method = METHOD_SPELL;
	others[1].unit = UNIT_GRAPHEME;
	others[2].pace_ms = 8;
	others[3].largest = 501;
	others[4].first = 5;
	others[5].next = 7;
	bench_open(b, &o, first);
	assert_int_equal(o.code, STATUS_OK);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		bench_open(b, &x, others[i]);
		assert_int_equal(x.code, STATUS_ALREADY_EXISTS);
	}
	others[0] = first;
	others[0].deadline_ms = 800;
	others[0].wait_ms = 10;
	others[0].texts = TEXTS("ab");
	bench_open(b, &x, others[0]);
	assert_int_equal(x.code, STATUS_OK);
	assert_memory_equal(x.stream, o.stream, sizeof(token));
}

static void
nonce_of_zeros_makes_a_stream_each(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o, (struct saying){ .credit = 1 });
	bench_open(b, &o, (struct saying){ .credit = 1 });
	assert_int_equal(streams_count(b->streams), 2);
}

static void
deadline_of_open_is_the_streams(void **state)
{
	struct bench *b = *state;
	struct said o, pull;

	bench_open(b, &o, (struct saying){ .deadline_ms = 300 });
	bench_exchange(b, &pull, o.stream,
	    (struct saying){ .wait_ms = 1000, .credit = AMPLE });
	bench_pass(b, 299);
	assert_int_equal(pull.answers, 0);
	bench_pass(b, 1);
	assert_int_equal(pull.end, STATUS_DEADLINE_EXCEEDED);
}

static void
no_answer_is_longer_than_the_largest(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS("abcdefg"),
		.last = true,
		.largest = 3,
		.wait_ms = 100,
		.credit = AMPLE });
	assert_string_equal(o.heard, "gfe,dcb,a");
	bench_open(b, &o,
	    (struct saying){
		.texts = TEXTS("abc", "abcd"), .largest = 3, .credit = AMPLE });
	assert_string_equal(o.heard, "cba");
	assert_int_equal(o.end, STATUS_OUT_OF_RANGE);
	assert_int_equal(o.at_message, 1);
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_COLLECT,
		.texts = TEXTS("ab", "cd"),
		.last = true,
		.largest = 3,
		.credit = AMPLE });
	assert_int_equal(o.end, STATUS_OUT_OF_RANGE);
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_SPELL,
		.texts = TEXTS("\xf0\x9f\x91\xa9"
			       "a"),
		.largest = 3,
		.credit = AMPLE });
	assert_string_equal(o.heard, "a");
	assert_int_equal(o.end, STATUS_OUT_OF_RANGE);
}

static void
open_refuses_what_it_does_not_know(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o, (struct saying){ .method = (stream_method)9 });
	assert_int_equal(o.code, STATUS_INVALID_ARGUMENT);
	bench_open(b, &o, (struct saying){ .unit = (text_unit)5 });
	assert_int_equal(o.code, STATUS_INVALID_ARGUMENT);
}

#define FACT(name) \
	cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(repeated_open_is_the_same_stream),
		FACT(nonce_of_another_stream_is_refused),
		FACT(repeated_open_has_the_same_terms),
		FACT(nonce_of_zeros_makes_a_stream_each),
		FACT(deadline_of_open_is_the_streams),
		FACT(no_answer_is_longer_than_the_largest),
		FACT(open_refuses_what_it_does_not_know),
	};

	return cmocka_run_group_tests_name("open", tests, NULL, NULL);
}
