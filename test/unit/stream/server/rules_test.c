/* Rules 1 to 4 of streams (reverse.x), one fact a test. */
#include "base/base.h"
#include "test/lib/bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

#define A100                                                 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A500  A100 A100 A100 A100 A100
#define A1500 A500 A500 A500

/* Room for every answer at once. */
#define AMPLE 100000

/* Rule 1: numbers. */

static void
repeat_is_acknowledged_but_not_run_again(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){ .texts = TEXTS("ab", "cd"), .credit = AMPLE });
	assert_string_equal(o.heard, "ba,dc");
	assert_int_equal(o.next, 2);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 1,
		.texts = TEXTS("cd", "ef"),
		.next = 2,
		.credit = AMPLE });
	assert_string_equal(x.heard, "fe");
	assert_int_equal(x.first, 2);
	assert_int_equal(x.next, 3);
}

static void
gap_is_not_taken_and_no_error(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(
	    b, &o, (struct saying){ .texts = TEXTS("ab"), .credit = AMPLE });
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 2, .texts = TEXTS("ef"), .next = 1, .credit = AMPLE });
	assert_int_equal(x.code, STATUS_OK);
	assert_int_equal(x.count, 0);
	assert_int_equal(x.next, 1);
	assert_int_equal(x.first, 1);
}

static void
next_beyond_what_was_sent_is_refused(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(
	    b, &o, (struct saying){ .texts = TEXTS("ab", "cd"), .credit = 8 });
	assert_string_equal(o.heard, "ba");
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 2, .next = 2, .credit = AMPLE });
	assert_int_equal(x.code, STATUS_INVALID_ARGUMENT);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 2, .next = 1, .credit = AMPLE });
	assert_string_equal(x.heard, "dc");
}

static void
numbers_end_below_2_63(void **state)
{
	const uint64_t end = (uint64_t)1 << 63;
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o, (struct saying){ .first = end, .next = end });
	assert_int_equal(o.code, STATUS_INVALID_ARGUMENT);
	bench_open(b, &o, (struct saying){ .next = end });
	assert_int_equal(o.code, STATUS_INVALID_ARGUMENT);
	bench_open(b, &o,
	    (struct saying){
		.first = end - 1, .next = end - 1, .texts = TEXTS("ab") });
	assert_int_equal(o.code, STATUS_INVALID_ARGUMENT);
	bench_open(b, &o,
	    (struct saying){ .first = end - 2,
		.next = end - 2,
		.texts = TEXTS("ab"),
		.credit = AMPLE });
	assert_string_equal(o.heard, "ba");
	assert_true(o.next == end - 1);
	bench_exchange(b, &x, o.stream, (struct saying){ .first = end });
	assert_int_equal(x.code, STATUS_INVALID_ARGUMENT);
}

/* Rule 2: the half-close. */

static void
half_close_counts_when_all_has_arrived(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o, (struct saying){ .credit = AMPLE });
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 1,
		.texts = TEXTS("cd"),
		.last = true,
		.credit = AMPLE });
	assert_int_equal(x.code, STATUS_OK);
	assert_false(x.last);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .texts = TEXTS("ab"), .credit = AMPLE });
	assert_string_equal(x.heard, "ba");
	assert_false(x.last);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 1,
		.texts = TEXTS("cd"),
		.last = true,
		.next = 1,
		.credit = AMPLE });
	assert_string_equal(x.heard, "dc");
	assert_true(x.last);
	assert_int_equal(x.end, STATUS_OK);
	assert_int_equal(x.messages_in, 2);
}

static void
half_close_is_not_contradicted(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){
		.texts = TEXTS("ab", "cd"), .last = true, .credit = AMPLE });
	assert_true(o.last);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 2, .texts = TEXTS("ef"), .next = 2, .credit = AMPLE });
	assert_int_equal(x.code, STATUS_INVALID_ARGUMENT);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 3, .last = true, .next = 2, .credit = AMPLE });
	assert_int_equal(x.code, STATUS_INVALID_ARGUMENT);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 2, .last = true, .next = 2, .credit = AMPLE });
	assert_int_equal(x.code, STATUS_OK);
	assert_true(x.last);
}

static void
end_before_what_has_come_is_refused(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){ .texts = TEXTS("ab", "cd"), .credit = AMPLE });
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 1, .last = true, .next = 2, .credit = AMPLE });
	assert_int_equal(x.code, STATUS_INVALID_ARGUMENT);
}

static void
spell_takes_exactly_one_message(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o,
	    (struct saying){ .method = METHOD_SPELL,
		.texts = TEXTS("ab", "cd"),
		.credit = AMPLE });
	assert_int_equal(o.code, STATUS_INVALID_ARGUMENT);
	bench_open(b, &o,
	    (struct saying){
		.method = METHOD_SPELL, .last = true, .credit = AMPLE });
	assert_int_equal(o.code, STATUS_INVALID_ARGUMENT);
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_SPELL,
		.texts = TEXTS("abc"),
		.credit = AMPLE });
	assert_string_equal(o.heard, "c,b,a");
	assert_true(o.last);
}

/* Rule 3: flow control. */

static void
what_does_not_fit_the_window_is_not_taken(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	/* Nobody takes the answers, so the messages stay as well. */
	bench_open(b, &o, (struct saying){ .texts = TEXTS(A500, A500, A500) });
	assert_int_equal(o.next, 2);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 2, .texts = TEXTS(A500, A500, A500) });
	assert_int_equal(x.next, 4);
	assert_int_equal(x.window, 0);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 4, .texts = TEXTS("ab") });
	assert_int_equal(x.next, 4);
	bench_exchange(
	    b, &x, o.stream, (struct saying){ .first = 4, .credit = AMPLE });
	assert_int_equal(x.count, 2);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 4, .next = 2, .credit = AMPLE });
	assert_int_equal(x.count, 2);
	assert_int_equal(x.window, BENCH_WINDOW);
}

static void
expected_message_is_taken_though_larger_than_the_window(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(
	    b, &o, (struct saying){ .texts = TEXTS(A1500), .credit = AMPLE });
	assert_int_equal(o.next, 1);
	assert_string_equal(o.heard, A1500);
}

static void
answer_keeps_within_the_credit(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	/* "aa" counts 8 bytes, "aaaaa" counts 12. */
	bench_open(b, &o,
	    (struct saying){
		.texts = TEXTS("aa", "bb", "ccccc", "dd"), .credit = 19 });
	assert_string_equal(o.heard, "aa,bb");
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 4, .next = 2, .credit = 20 });
	assert_string_equal(x.heard, "ccccc,dd");
}

static void
one_answer_of_any_size_goes_when_none_is_on_its_way(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){ .texts = TEXTS("abcdefgh", "bb"), .credit = 1 });
	assert_string_equal(o.heard, "hgfedcba");
	/* The first one is still on its way. */
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 2, .ahead = true, .credit = 1 });
	assert_int_equal(x.count, 0);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 2, .ahead = true, .next = 1, .credit = 1 });
	assert_string_equal(x.heard, "bb");
}

static void
pure_push_gets_no_messages(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o, (struct saying){ .texts = TEXTS("ab") });
	assert_int_equal(o.count, 0);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 1, .texts = TEXTS("cd") });
	assert_int_equal(x.code, STATUS_OK);
	assert_int_equal(x.count, 0);
	assert_int_equal(x.first, 0);
	assert_int_equal(x.next, 2);
}

static void
pure_push_disturbs_no_other_call(void **state)
{
	struct bench *b = *state;
	struct said o, pull, push;

	bench_open(b, &o, (struct saying){ .credit = AMPLE });
	bench_exchange(b, &pull, o.stream,
	    (struct saying){ .wait_ms = 1000, .credit = AMPLE });
	assert_int_equal(pull.answers, 0);
	bench_exchange(b, &push, o.stream,
	    (struct saying){
		.connection = 2, .texts = TEXTS("ab"), .wait_ms = 1000 });
	assert_int_equal(push.answers, 1);
	assert_int_equal(push.count, 0);
	assert_int_equal(push.next, 1);
	assert_int_equal(pull.code, STATUS_OK);
	assert_string_equal(pull.heard, "ba");
	/* The connection of the pull is still the one that counts. */
	bench_exchange(b, &pull, o.stream,
	    (struct saying){
		.first = 1, .ahead = true, .next = 1, .credit = AMPLE });
	assert_int_equal(pull.code, STATUS_OK);
}

/* Rule 4: which messages an answer has. */

static void
takeover_answers_from_next_again(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){
		.texts = TEXTS("ab", "cd", "ef"), .credit = AMPLE });
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.connection = 2, .first = 3, .next = 1, .credit = AMPLE });
	assert_int_equal(x.first, 1);
	assert_string_equal(x.heard, "dc,fe");
}

static void
takeover_aborts_what_is_parked_anywhere(void **state)
{
	struct bench *b = *state;
	struct said o, parked[3], x;

	bench_open(b, &o, (struct saying){ .credit = AMPLE });
	for (unsigned int i = 0; i < ARRAY_LEN(parked); i++)
		bench_exchange(b, &parked[i], o.stream,
		    (struct saying){
			.ahead = true, .wait_ms = 1000, .credit = AMPLE });
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.connection = 2, .wait_ms = 1000, .credit = AMPLE });
	for (unsigned int i = 0; i < ARRAY_LEN(parked); i++)
		assert_int_equal(parked[i].code, STATUS_ABORTED);
	assert_int_equal(x.answers, 0);
	bench_gone(b, &x);
}

static void
ahead_goes_on_after_what_was_sent(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(
	    b, &o, (struct saying){ .texts = TEXTS("ab"), .credit = AMPLE });
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 1,
		.texts = TEXTS("cd"),
		.ahead = true,
		.credit = AMPLE });
	assert_int_equal(x.first, 1);
	assert_string_equal(x.heard, "dc");
}

static void
ahead_counts_on_the_last_connection_only(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o, (struct saying){ .credit = AMPLE });
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .connection = 2,
		.texts = TEXTS("ab"),
		.ahead = true,
		.credit = AMPLE });
	assert_int_equal(x.code, STATUS_ABORTED);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .connection = 2, .credit = AMPLE });
	assert_int_equal(x.next, 0);
	bench_exchange(
	    b, &x, o.stream, (struct saying){ .ahead = true, .credit = AMPLE });
	assert_int_equal(x.code, STATUS_ABORTED);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .connection = 2,
		.texts = TEXTS("ab"),
		.ahead = true,
		.credit = AMPLE });
	assert_string_equal(x.heard, "ba");
}

static void
ahead_over_udp_takes_over(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){
		.texts = TEXTS("ab"), .datagram = true, .credit = AMPLE });
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .connection = 7,
		.first = 1,
		.datagram = true,
		.ahead = true,
		.credit = AMPLE });
	assert_int_equal(x.code, STATUS_OK);
	assert_string_equal(x.heard, "ba");
}

#define FACT(name) \
	cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(repeat_is_acknowledged_but_not_run_again),
		FACT(gap_is_not_taken_and_no_error),
		FACT(next_beyond_what_was_sent_is_refused),
		FACT(numbers_end_below_2_63),
		FACT(half_close_counts_when_all_has_arrived),
		FACT(half_close_is_not_contradicted),
		FACT(end_before_what_has_come_is_refused),
		FACT(spell_takes_exactly_one_message),
		FACT(what_does_not_fit_the_window_is_not_taken),
		FACT(expected_message_is_taken_though_larger_than_the_window),
		FACT(answer_keeps_within_the_credit),
		FACT(one_answer_of_any_size_goes_when_none_is_on_its_way),
		FACT(pure_push_gets_no_messages),
		FACT(pure_push_disturbs_no_other_call),
		FACT(takeover_answers_from_next_again),
		FACT(takeover_aborts_what_is_parked_anywhere),
		FACT(ahead_goes_on_after_what_was_sent),
		FACT(ahead_counts_on_the_last_connection_only),
		FACT(ahead_over_udp_takes_over),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
