/* Rule 5 of streams (reverse.x): which calls wait, and for what. */
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

/* Whoever came first, and however long they wait. */
static void
each_call_that_waits_has_its_own_time(void **state)
{
	struct bench *b = *state;
	struct said o, long_pull, short_pull;

	bench_open(b, &o, (struct saying){ .credit = AMPLE });
	bench_exchange(b, &long_pull, o.stream,
	    (struct saying){ .wait_ms = 1000, .credit = AMPLE });
	bench_exchange(b, &short_pull, o.stream,
	    (struct saying){ .ahead = true, .wait_ms = 500, .credit = AMPLE });
	bench_pass(b, 500);
	assert_int_equal(short_pull.answers, 1);
	assert_int_equal(long_pull.answers, 0);
	bench_pass(b, 500);
	assert_int_equal(long_pull.answers, 1);
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

/* Four answers that fill a window of 400 bytes, as many messages after them,
 * and a push that waits for room. */
static void
push_against_a_full_window(
    struct bench *b, struct said *o, struct said *push, const char *text)
{
	struct said x;

	b->limits.window = 400;
	bench_stop(b);
	bench_start(b);
	bench_open(
	    b, o, (struct saying){ .texts = TEXTS(text, text, text, text) });
	bench_exchange(b, &x, o->stream,
	    (struct saying){
		.first = 4, .texts = TEXTS(text, text, text, text) });
	assert_int_equal(x.window, 0);
	bench_exchange(b, push, o->stream,
	    (struct saying){
		.first = 8, .texts = TEXTS("ab"), .wait_ms = 5000 });
}

static void
push_waits_for_room_until_half_of_it_is_there(void **state)
{
	struct bench *b = *state;
	struct said o, push, x;

	/* 104 bytes as on the wire. */
	push_against_a_full_window(b, &o, &push, A100);
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

/* Half of it, and not a byte more. */
static void
half_a_window_is_room_enough(void **state)
{
	static const char a96[] = A100;
	const char *const text = a96 + 4;
	struct bench *b = *state;
	struct said o, push, x;

	/* 100 bytes as on the wire. */
	push_against_a_full_window(b, &o, &push, text);
	for (uint64_t n = 0; n < 3; n++) {
		assert_int_equal(push.answers, 0);
		bench_exchange(b, &x, o.stream,
		    (struct saying){
			.first = 8, .ahead = true, .next = n, .credit = 100 });
	}
	assert_int_equal(push.answers, 1);
	assert_int_equal(push.window, 200);
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

/* Fills a WHOLE's window, over UDP or not, and lets its disk catch up. */
static void
fill_and_empty(struct bench *b, struct said *x, bool datagram, token stream)
{
	struct said o;

	b->disk.slowest = 20;
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS(A1500),
		.datagram = datagram,
		.credit = AMPLE });
	memcpy(stream, o.stream, sizeof(token));
	do
		bench_exchange(b, x, stream,
		    (struct saying){ .first = o.next++,
			.texts = TEXTS(A500),
			.datagram = datagram,
			.credit = AMPLE });
	while (x->window > 0);
	bench_pass(b, 100);
}

/* Pulls for room, and once more, as one does who did not hear the answer. */
static void
pull_twice(struct bench *b, uint64_t first, token stream, struct saying second)
{
	struct said x;
	uint64_t start = b->now;

	bench_exchange(b, &x, stream,
	    (struct saying){ .first = first,
		.wait_ms = 5000,
		.datagram = second.datagram,
		.credit = AMPLE });
	assert_true(x.window > 0);
	second.first = first;
	second.wait_ms = 5000;
	second.credit = AMPLE;
	bench_exchange(b, &x, stream, second);
	bench_wait(b, &x);
	assert_int_equal(b->now, start);
	assert_true(x.window > 0);
}

/* That it was full once is no reason to answer at once for ever. */
static void
pull_after_one_that_was_told_of_room_waits(void **state)
{
	struct bench *b = *state;
	struct said told, pull;
	token stream;

	fill_and_empty(b, &told, false, stream);
	for (int i = 0; i < 2; i++)
		bench_exchange(b, i == 0 ? &told : &pull, stream,
		    (struct saying){ .first = told.next,
			.wait_ms = 5000,
			.ahead = i > 0,
			.credit = AMPLE });
	assert_true(told.window > 0);
	assert_int_equal(pull.answers, 0);
	bench_gone(b, &pull);
}

/* Or whoever lost a connection with the answer would wait for nothing. */
static void
pull_for_room_on_a_new_connection_does_not_wait(void **state)
{
	struct bench *b = *state;
	struct said x;
	token stream;

	fill_and_empty(b, &x, false, stream);
	pull_twice(b, x.next, stream, (struct saying){ .connection = 2 });
}

static void
pull_for_room_over_udp_that_is_sent_again_does_not_wait(void **state)
{
	struct bench *b = *state;
	struct said x;
	token stream;

	fill_and_empty(b, &x, true, stream);
	pull_twice(b, x.next, stream, (struct saying){ .datagram = true });
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

/* Its client has to send again what it does not know to be lost. */
static void
push_that_was_not_all_taken_does_not_wait(void **state)
{
	const stream_method methods[] = { METHOD_EACH, METHOD_WHOLE };
	struct bench *b = *state;
	struct said o, x;

	for (int i = 0; i < 2; i++) {
		bench_open(b, &o,
		    (struct saying){ .method = methods[i], .credit = AMPLE });
		bench_exchange(b, &x, o.stream,
		    (struct saying){ .first = 1,
			.texts = TEXTS("cd"),
			.last = true,
			.wait_ms = 1000,
			.credit = AMPLE });
		assert_int_equal(x.answers, 1);
		assert_int_equal(x.next, 0);
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
		FACT(pull_waits_for_messages),
		FACT(pull_waits_until_its_time_is_up),
		FACT(each_call_that_waits_has_its_own_time),
		FACT(end_answers_all_who_wait),
		FACT(push_waits_for_room_until_half_of_it_is_there),
		FACT(half_a_window_is_room_enough),
		FACT(pull_for_room_that_came_meanwhile_does_not_wait),
		FACT(pull_after_one_that_was_told_of_room_waits),
		FACT(pull_for_room_on_a_new_connection_does_not_wait),
		FACT(pull_for_room_over_udp_that_is_sent_again_does_not_wait),
		FACT(push_to_collect_and_whole_does_not_wait),
		FACT(push_that_was_not_all_taken_does_not_wait),
		FACT(one_call_too_many_answers_the_oldest),
		FACT(withdrawn_call_is_not_answered),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
