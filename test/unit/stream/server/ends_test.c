/* Rules 6 and 8 of streams (reverse.x), one fact a test. */
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

/* Rule 6: the end. */

static void
end_comes_with_last_and_again(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){ .texts = TEXTS("ab", "cd"),
		.last = true,
		.echo = "back",
		.credit = 8 });
	assert_string_equal(o.heard, "ba");
	assert_false(o.last);
	for (int i = 0; i < 2; i++) {
		bench_exchange(b, &x, o.stream,
		    (struct saying){ .first = 2, .next = 1, .credit = AMPLE });
		assert_string_equal(x.heard, "dc");
		assert_true(x.has_end);
	}
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 2, .next = 2, .credit = AMPLE });
	assert_true(x.has_end);
	assert_int_equal(x.end, STATUS_OK);
	assert_int_equal(x.messages_in, 2);
	assert_int_equal(x.bytes_in, 4);
	assert_int_equal(x.bytes_out, 4);
	assert_string_equal(x.echo, "back");
}

static void
bad_input_delivers_the_answers_before_it(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){
		.texts = TEXTS("ab", "cd", "e\xff", "gh"), .credit = 8 });
	assert_int_equal(o.code, STATUS_OK);
	assert_string_equal(o.heard, "ba");
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 4, .next = 1, .credit = AMPLE });
	assert_string_equal(x.heard, "dc");
	assert_int_equal(x.end, STATUS_INVALID_ARGUMENT);
	assert_int_equal(x.at_message, 2);
	assert_int_equal(x.at_byte, 1);
}

static void
cancel_drops_what_was_not_sent(void **state)
{
	struct bench *b = *state;
	struct said o, pull, x;

	bench_open(b, &o,
	    (struct saying){ .texts = TEXTS("ab", "cd", "ef"), .credit = 16 });
	assert_int_equal(o.count, 2);
	bench_exchange(b, &pull, o.stream,
	    (struct saying){
		.first = 3, .next = 2, .ahead = true, .credit = 8 });
	bench_exchange(b, &pull, o.stream,
	    (struct saying){ .first = 3,
		.next = 3,
		.ahead = true,
		.wait_ms = 1000,
		.credit = AMPLE });
	assert_int_equal(pull.answers, 0);
	bench_cancel(b, o.stream);
	assert_int_equal(pull.end, STATUS_CANCELLED);

	bench_open(b, &o,
	    (struct saying){ .texts = TEXTS("ab", "cd", "ef"), .credit = 16 });
	bench_cancel(b, o.stream);
	bench_exchange(
	    b, &x, o.stream, (struct saying){ .first = 3, .credit = AMPLE });
	assert_string_equal(x.heard, "ba,dc");
	assert_int_equal(x.end, STATUS_CANCELLED);
}

static void
cancel_of_any_token_is_harmless(void **state)
{
	struct bench *b = *state;
	token nobody = { 1, 2, 3 };

	bench_cancel(b, nobody);
	assert_int_equal(streams_count(b->streams), 0);
}

static void
finished_stream_stays_until_it_is_cancelled(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(
	    b, &o, (struct saying){ .texts = TEXTS("ab"), .last = true });
	assert_int_equal(streams_count(b->streams), 0);
	bench_exchange(
	    b, &x, o.stream, (struct saying){ .first = 1, .credit = AMPLE });
	assert_string_equal(x.heard, "ba");
	bench_cancel(b, o.stream);
	bench_exchange(
	    b, &x, o.stream, (struct saying){ .first = 1, .credit = AMPLE });
	assert_int_equal(x.code, STATUS_NOT_FOUND);
	assert_int_equal(bench_memory(b), 0);
}

static void
finished_stream_goes_with_its_lease(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o, (struct saying){ .last = true });
	bench_pass(b, b->limits.lease_ms);
	bench_exchange(b, &x, o.stream, (struct saying){ .credit = AMPLE });
	assert_int_equal(x.code, STATUS_NOT_FOUND);
}

static void
oldest_finished_streams_go_first(void **state)
{
	struct bench *b = *state;
	struct said o[4], x;

	bench_stop(b);
	bench_limit(b, CHARGE_KEPT, 3, CHARGE_ANY);
	bench_start(b);
	for (int i = 0; i < 4; i++)
		bench_open(b, &o[i], (struct saying){ .last = true });
	bench_exchange(b, &x, o[0].stream, (struct saying){ .credit = 1 });
	assert_int_equal(x.code, STATUS_NOT_FOUND);
	bench_exchange(b, &x, o[1].stream, (struct saying){ .credit = 1 });
	assert_int_equal(x.code, STATUS_OK);
}

static void
drain_refuses_new_streams_and_ends_the_old(void **state)
{
	struct bench *b = *state;
	struct said o, again, pull, x;

	bench_open(b, &o, (struct saying){ .nonce = 1, .credit = AMPLE });
	streams_drain(b->streams);
	bench_open(b, &x, (struct saying){ .credit = AMPLE });
	assert_int_equal(x.code, STATUS_UNAVAILABLE);
	assert_int_not_equal(x.retry_after_ms, 0);
	bench_open(b, &again, (struct saying){ .nonce = 1, .credit = AMPLE });
	assert_memory_equal(again.stream, o.stream, sizeof(token));
	bench_exchange(b, &pull, o.stream,
	    (struct saying){ .texts = TEXTS("ab"), .credit = AMPLE });
	assert_string_equal(pull.heard, "ba");
	bench_exchange(b, &pull, o.stream,
	    (struct saying){
		.first = 1, .next = 1, .wait_ms = 1000, .credit = AMPLE });
	streams_end_all(b->streams, b->now);
	assert_int_equal(pull.end, STATUS_UNAVAILABLE);
	assert_int_equal(streams_count(b->streams), 0);
}

static void
end_is_owed_until_it_is_told(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(
	    b, &o, (struct saying){ .texts = TEXTS("ab"), .last = true });
	assert_int_equal(streams_count(b->streams), 0);
	assert_int_equal(streams_owing(b->streams), 1);
	for (int i = 0; i < 2; i++) {
		bench_exchange(b, &x, o.stream,
		    (struct saying){ .first = 1, .credit = AMPLE });
		assert_int_equal(streams_owing(b->streams), 0);
	}
	bench_open(b, &o, (struct saying){ .credit = AMPLE });
	assert_int_equal(streams_owing(b->streams), 1);
	bench_pass(b, b->limits.lease_ms);
	assert_int_equal(streams_owing(b->streams), 0);
}

static void
end_that_did_not_go_out_is_still_owed(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o, (struct saying){ .nonce = 1, .credit = AMPLE });
	b->mute = true;
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.texts = TEXTS("ab"), .last = true, .credit = AMPLE });
	assert_int_equal(streams_owing(b->streams), 1);
	bench_open(b, &x, (struct saying){ .nonce = 1, .credit = AMPLE });
	assert_int_equal(streams_owing(b->streams), 1);
	b->mute = false;
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 1, .last = true, .credit = AMPLE });
	assert_string_equal(x.heard, "ba");
	assert_int_equal(x.end, STATUS_OK);
	assert_int_equal(streams_owing(b->streams), 0);
}

static void
nobody_is_owed_the_end_of_what_was_cancelled(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(
	    b, &o, (struct saying){ .texts = TEXTS("ab", "cd"), .credit = 8 });
	assert_int_equal(streams_owing(b->streams), 1);
	bench_cancel(b, o.stream);
	assert_int_equal(streams_owing(b->streams), 0);
	/* Whoever asks all the same is told. */
	bench_exchange(
	    b, &x, o.stream, (struct saying){ .first = 2, .credit = AMPLE });
	assert_int_equal(x.end, STATUS_CANCELLED);
	assert_int_equal(streams_owing(b->streams), 0);
	bench_cancel(b, o.stream);
	assert_int_equal(streams_owing(b->streams), 0);
}

/* Rule 8: resume and replay. */

static void
lease_runs_from_the_end_of_the_last_call(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o, (struct saying){ .credit = 1 });
	bench_pass(b, b->limits.lease_ms - 1);
	bench_exchange(b, &x, o.stream, (struct saying){ .credit = 1 });
	bench_pass(b, b->limits.lease_ms - 1);
	bench_exchange(b, &x, o.stream, (struct saying){ .next = 9 });
	assert_int_equal(x.code, STATUS_INVALID_ARGUMENT);
	bench_pass(b, b->limits.lease_ms - 1);
	bench_exchange(b, &x, o.stream, (struct saying){ .credit = 1 });
	assert_int_equal(x.code, STATUS_OK);
	bench_pass(b, b->limits.lease_ms);
	bench_exchange(b, &x, o.stream, (struct saying){ .credit = 1 });
	assert_int_equal(x.code, STATUS_NOT_FOUND);
	assert_int_equal(streams_count(b->streams), 0);
}

/* Not one that begins later, and nobody's twice. */
static void
lease_is_longer_by_what_its_client_is_excused_for(void **state)
{
	struct bench *b = *state;
	struct said o, later, x;

	bench_open(b, &o, (struct saying){ .credit = 1 });
	bench_pass(b, b->limits.lease_ms - 1);
	streams_excuse(b->streams, 5000);
	bench_open(b, &later, (struct saying){ .credit = 1 });
	bench_pass(b, 5000);
	bench_exchange(b, &x, o.stream, (struct saying){ .credit = 1 });
	assert_int_equal(x.code, STATUS_OK);
	bench_pass(b, b->limits.lease_ms - 5001);
	assert_int_equal(streams_count(b->streams), 2);
	bench_pass(b, 1);
	assert_int_equal(streams_count(b->streams), 1);
	bench_exchange(b, &x, later.stream, (struct saying){ .credit = 1 });
	assert_int_equal(x.code, STATUS_NOT_FOUND);
	bench_pass(b, 5000);
	assert_int_equal(streams_count(b->streams), 0);
}

static void
stream_lives_while_a_call_is_parked(void **state)
{
	struct bench *b = *state;
	struct said o, pull, x;

	bench_stop(b);
	b->limits.lease_ms = 100;
	bench_start(b);
	bench_open(b, &o, (struct saying){ .credit = 1 });
	bench_exchange(b, &pull, o.stream,
	    (struct saying){ .wait_ms = 1000, .credit = 1 });
	bench_pass(b, 1050);
	assert_int_equal(pull.answers, 1);
	bench_exchange(b, &x, o.stream, (struct saying){ .credit = 1 });
	assert_int_equal(x.code, STATUS_OK);
}

/* However the call ends: its client needs all of the time to come back. */
static void
lease_runs_from_the_loss_of_a_connection(void **state)
{
	struct bench *b = *state;
	struct said o, pull, x;

	bench_open(b, &o, (struct saying){ .credit = 1 });
	bench_exchange(b, &pull, o.stream,
	    (struct saying){ .wait_ms = 10000, .credit = 1 });
	bench_pass(b, 5000);
	bench_gone(b, &pull);
	bench_pass(b, b->limits.lease_ms - 1);
	bench_exchange(b, &x, o.stream, (struct saying){ .credit = 1 });
	assert_int_equal(x.code, STATUS_OK);
}

/* So does that of a call which comes too late to count. */
static void
lease_runs_from_a_call_that_was_aborted(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o, (struct saying){ .credit = 1 });
	bench_pass(b, b->limits.lease_ms - 1);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .connection = 2, .ahead = true, .credit = 1 });
	assert_int_equal(x.code, STATUS_ABORTED);
	bench_pass(b, b->limits.lease_ms - 1);
	bench_exchange(b, &x, o.stream, (struct saying){ .credit = 1 });
	assert_int_equal(x.code, STATUS_OK);
}

static void
each_resumes_its_numbers(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o,
	    (struct saying){ .first = 7,
		.next = 7,
		.texts = TEXTS("ab", "cd"),
		.last = true,
		.credit = AMPLE });
	assert_int_equal(o.first, 7);
	assert_string_equal(o.heard, "ba,dc");
	assert_int_equal(o.next, 9);
	assert_int_equal(o.end, STATUS_OK);
	bench_open(b, &o, (struct saying){ .first = 7, .next = 6 });
	assert_int_equal(o.code, STATUS_INVALID_ARGUMENT);
}

static void
answers_below_next_are_not_given(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o,
	    (struct saying){ .first = 7,
		.next = 8,
		.texts = TEXTS("ab", "cd"),
		.credit = AMPLE });
	assert_int_equal(o.first, 8);
	assert_string_equal(o.heard, "dc");
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_SPELL,
		.texts = TEXTS("abcd"),
		.next = 2,
		.credit = AMPLE });
	assert_int_equal(o.first, 2);
	assert_string_equal(o.heard, "b,a");
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS("abcdefg"),
		.last = true,
		.next = 1,
		.largest = 3,
		.wait_ms = 100,
		.credit = AMPLE });
	assert_int_equal(o.first, 1);
	assert_string_equal(o.heard, "dcb,a");
}

static void
next_beyond_all_answers_is_a_bad_end(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o,
	    (struct saying){ .method = METHOD_SPELL,
		.texts = TEXTS("ab"),
		.next = 3,
		.credit = AMPLE });
	assert_int_equal(o.first, 3);
	assert_int_equal(o.end, STATUS_INVALID_ARGUMENT);
}

#define FACT(name) \
	cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(end_comes_with_last_and_again),
		FACT(bad_input_delivers_the_answers_before_it),
		FACT(cancel_drops_what_was_not_sent),
		FACT(cancel_of_any_token_is_harmless),
		FACT(finished_stream_stays_until_it_is_cancelled),
		FACT(finished_stream_goes_with_its_lease),
		FACT(oldest_finished_streams_go_first),
		FACT(drain_refuses_new_streams_and_ends_the_old),
		FACT(end_is_owed_until_it_is_told),
		FACT(end_that_did_not_go_out_is_still_owed),
		FACT(nobody_is_owed_the_end_of_what_was_cancelled),
		FACT(lease_runs_from_the_end_of_the_last_call),
		FACT(lease_is_longer_by_what_its_client_is_excused_for),
		FACT(stream_lives_while_a_call_is_parked),
		FACT(lease_runs_from_the_loss_of_a_connection),
		FACT(lease_runs_from_a_call_that_was_aborted),
		FACT(each_resumes_its_numbers),
		FACT(answers_below_next_are_not_given),
		FACT(next_beyond_all_answers_is_a_bad_end),
	};

	return cmocka_run_group_tests_name("ends", tests, NULL, NULL);
}
