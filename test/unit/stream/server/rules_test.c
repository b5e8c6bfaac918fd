/* Rules 1 to 5 of streams (reverse.x), one fact a test. */
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

/* Rule 5: waiting. */

static void
pull_waits_for_messages(void **state)
{
	struct bench *b = *state;
	struct said o, pull, push;

	bench_open(b, &o, (struct saying){ .credit = AMPLE });
	bench_exchange(b, &pull, o.stream,
	    (struct saying){ .wait_ms = 1000, .credit = AMPLE });
	bench_pass(b, 500);
	assert_int_equal(pull.answers, 0);
	bench_exchange(
	    b, &push, o.stream, (struct saying){ .texts = TEXTS("ab") });
	assert_string_equal(pull.heard, "ba");
}

static void
pull_waits_until_its_time_is_up(void **state)
{
	struct bench *b = *state;
	struct said o, pull, patient;

	bench_open(b, &o, (struct saying){ .credit = AMPLE });
	bench_exchange(b, &pull, o.stream,
	    (struct saying){ .wait_ms = 1000, .credit = AMPLE });
	bench_exchange(b, &patient, o.stream,
	    (struct saying){
		.ahead = true, .wait_ms = 1000000, .credit = AMPLE });
	bench_pass(b, 999);
	assert_int_equal(pull.answers, 0);
	bench_pass(b, 1);
	assert_int_equal(pull.answers, 1);
	assert_int_equal(pull.code, STATUS_OK);
	assert_int_equal(pull.count, 0);
	bench_pass(b, b->limits.wait_max_ms - 1001);
	assert_int_equal(patient.answers, 0);
	bench_pass(b, 1);
	assert_int_equal(patient.answers, 1);
}

static void
end_answers_all_who_wait(void **state)
{
	struct bench *b = *state;
	struct said o, pull[2], x;

	bench_open(b, &o, (struct saying){ .credit = AMPLE });
	for (int i = 0; i < 2; i++)
		bench_exchange(b, &pull[i], o.stream,
		    (struct saying){
			.ahead = true, .wait_ms = 1000, .credit = AMPLE });
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .texts = TEXTS("ab"), .last = true });
	assert_string_equal(pull[0].heard, "ba");
	assert_true(pull[0].last);
	assert_true(pull[1].last);
	assert_int_equal(pull[1].first, 1);
}

static void
push_waits_for_room_until_half_of_it_is_there(void **state)
{
	struct bench *b = *state;
	struct said o, push, x;

	b->limits.window = 400;
	bench_stop(b);
	bench_start(b);
	/* Four answers of 104 bytes, and as many messages behind them. */
	bench_open(
	    b, &o, (struct saying){ .texts = TEXTS(A100, A100, A100, A100) });
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 4, .texts = TEXTS(A100, A100, A100, A100) });
	assert_int_equal(x.window, 0);
	bench_exchange(b, &push, o.stream,
	    (struct saying){
		.first = 8, .texts = TEXTS("ab"), .wait_ms = 5000 });
	for (uint64_t n = 0; n < 4; n++) {
		assert_int_equal(push.answers, 0);
		bench_exchange(b, &x, o.stream,
		    (struct saying){
			.first = 8, .ahead = true, .next = n, .credit = 104 });
		assert_int_equal(x.count, 1);
	}
	assert_int_equal(push.answers, 1);
	assert_int_equal(push.window, 400 - 104);
	assert_int_equal(push.next, 8);
}

/* A client that was told so has no other way to learn that there is room. */
static void
pull_for_room_that_came_meanwhile_does_not_wait(void **state)
{
	struct bench *b = *state;
	struct said o, x, pull;
	uint64_t start;

	b->disk.slowest = 20;
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS(A1500),
		.credit = AMPLE });
	do
		bench_exchange(b, &x, o.stream,
		    (struct saying){ .first = o.next++,
			.texts = TEXTS(A500),
			.credit = AMPLE });
	while (x.window > 0);
	bench_pass(b, 100);
	start = b->now;
	bench_exchange(b, &pull, o.stream,
	    (struct saying){
		.first = x.next, .wait_ms = 5000, .credit = AMPLE });
	bench_wait(b, &pull);
	assert_int_equal(b->now, start);
	assert_true(pull.window > 0);
}

static void
push_to_collect_and_whole_does_not_wait(void **state)
{
	const stream_method methods[] = { METHOD_COLLECT, METHOD_WHOLE };
	struct bench *b = *state;
	struct said o, x;

	for (int i = 0; i < 2; i++) {
		bench_open(b, &o,
		    (struct saying){ .method = methods[i],
			.texts = TEXTS("ab"),
			.wait_ms = 1000,
			.credit = AMPLE });
		assert_int_equal(o.answers, 1);
		bench_exchange(b, &x, o.stream,
		    (struct saying){ .first = 1,
			.texts = TEXTS("cd"),
			.wait_ms = 1000,
			.credit = AMPLE });
		assert_int_equal(x.answers, 1);
		bench_exchange(b, &x, o.stream,
		    (struct saying){ .first = 2,
			.last = true,
			.wait_ms = 1000,
			.credit = AMPLE });
		assert_string_equal(x.heard, "dcba");
		assert_true(x.last);
	}
}

static void
one_call_too_many_answers_the_oldest(void **state)
{
	struct bench *b = *state;
	struct said o, *parked = calloc(65, sizeof(*parked));

	bench_open(b, &o, (struct saying){ .credit = AMPLE });
	for (int i = 0; i < 65; i++) {
		assert_int_equal(parked[0].answers, 0);
		bench_exchange(b, &parked[i], o.stream,
		    (struct saying){
			.ahead = true, .wait_ms = 1000, .credit = AMPLE });
	}
	assert_int_equal(parked[0].answers, 1);
	assert_int_equal(parked[0].code, STATUS_OK);
	assert_int_equal(parked[1].answers, 0);
	bench_pass(b, 1000);
	assert_int_equal(parked[64].answers, 1);
	free(parked);
}

static void
withdrawn_call_is_not_answered(void **state)
{
	struct bench *b = *state;
	struct said o, gone, pull, x;

	bench_open(b, &o, (struct saying){ .credit = AMPLE });
	bench_exchange(b, &gone, o.stream,
	    (struct saying){ .wait_ms = 1000, .credit = AMPLE });
	bench_exchange(b, &pull, o.stream,
	    (struct saying){ .ahead = true, .wait_ms = 1000, .credit = AMPLE });
	bench_gone(b, &gone);
	bench_exchange(
	    b, &x, o.stream, (struct saying){ .texts = TEXTS("ab") });
	assert_int_equal(gone.answers, 0);
	assert_string_equal(pull.heard, "ba");
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
		FACT(pull_waits_for_messages),
		FACT(pull_waits_until_its_time_is_up),
		FACT(end_answers_all_who_wait),
		FACT(push_waits_for_room_until_half_of_it_is_there),
		FACT(pull_for_room_that_came_meanwhile_does_not_wait),
		FACT(push_to_collect_and_whole_does_not_wait),
		FACT(one_call_too_many_answers_the_oldest),
		FACT(withdrawn_call_is_not_answered),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
