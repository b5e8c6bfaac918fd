/* The methods of streams, and the limits. */
#include "base/base.h"
#include "test/lib/bench.h"

#include <errno.h>
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

/* Methods. */

static void
spell_keeps_its_pace(void **state)
{
	struct bench *b = *state;
	struct said o, x;
	uint64_t begun = b->now;

	bench_open(b, &o,
	    (struct saying){ .method = METHOD_SPELL,
		.texts = TEXTS("abc"),
		.pace_ms = 200,
		.credit = AMPLE });
	assert_string_equal(o.heard, "c");
	for (uint64_t n = 1; n < 3; n++) {
		bench_exchange(b, &x, o.stream,
		    (struct saying){ .first = 1,
			.next = n,
			.wait_ms = 1000,
			.credit = AMPLE });
		bench_wait(b, &x);
		assert_int_equal(x.count, 1);
		assert_int_equal(x.answered_at, begun + n * 200);
	}
	assert_true(x.last);
}

static void
collect_too_long_names_whole(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o,
	    (struct saying){ .method = METHOD_COLLECT,
		.texts = TEXTS(A1500, A500, "a"),
		.credit = AMPLE });
	assert_int_equal(o.end, STATUS_RESOURCE_EXHAUSTED);
	assert_int_equal(o.at_message, 2);
}

static void
bad_character_across_messages_is_found(void **state)
{
	const stream_method methods[] = { METHOD_COLLECT, METHOD_WHOLE };
	struct bench *b = *state;
	struct said o;

	for (int i = 0; i < 2; i++) {
		bench_open(b, &o,
		    (struct saying){ .method = methods[i],
			.texts = TEXTS("a\xe6", "\x97", "", "\xa5z"),
			.last = true,
			.wait_ms = 100,
			.credit = AMPLE });
		assert_string_equal(o.heard,
		    "z\xe6\x97\xa5"
		    "a");
		bench_open(b, &o,
		    (struct saying){ .method = methods[i],
			.texts = TEXTS("a\xe6", "\x97", "z"),
			.credit = AMPLE });
		assert_int_equal(o.end, STATUS_INVALID_ARGUMENT);
		assert_int_equal(o.at_message, 0);
		assert_int_equal(o.at_byte, 1);
		bench_open(b, &o,
		    (struct saying){ .method = methods[i],
			.texts = TEXTS("abc", "\xe6\x97"),
			.last = true,
			.credit = AMPLE });
		assert_int_equal(o.end, STATUS_INVALID_ARGUMENT);
		assert_int_equal(o.at_message, 1);
		assert_int_equal(o.at_byte, 0);
	}
}

/* A WHOLE of 3001 bytes, of which 1500 may be in memory. */
static void
open_spooled(struct bench *b, struct said *o, struct said *last)
{
	struct said x;

	bench_open(b, o,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS(A500, A500, A500, "b"),
		.wait_ms = 1000,
		.largest = 2000,
		.credit = AMPLE });
	bench_wait(b, o);
	bench_exchange(b, &x, o->stream,
	    (struct saying){ .first = o->next,
		.texts = TEXTS("b", A1500),
		.wait_ms = 1000,
		.credit = AMPLE });
	bench_wait(b, &x);
	bench_exchange(b, last, o->stream,
	    (struct saying){ .first = x.next,
		.last = true,
		.wait_ms = 5000,
		.credit = AMPLE });
}

static void
long_whole_goes_through_the_disk(void **state)
{
	struct bench *b = *state;
	struct said o, x, y;

	b->disk.slowest = 20;
	open_spooled(b, &o, &x);
	bench_wait(b, &x);
	assert_true(b->disk.used);
	assert_int_equal(x.count, 1);
	bench_exchange(b, &y, o.stream,
	    (struct saying){ .first = 5,
		.last = true,
		.next = 1,
		.wait_ms = 5000,
		.credit = AMPLE });
	bench_wait(b, &y);
	assert_int_equal(y.end, STATUS_OK);
	assert_int_equal(y.bytes_out, 3001);
	assert_int_equal(strlen(x.heard) + strlen(y.heard), 3001);
	assert_ptr_equal(strchr(x.heard, 'b'), x.heard + 1500);
	bench_cancel(b, o.stream);
	bench_pass(b, 100);
	assert_int_equal(b->disk.files, 0);
}

static void
full_disk_ends_the_stream_and_says_so(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	b->disk.failing = 1;
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS(A1500, "b"),
		.credit = AMPLE });
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 2, .wait_ms = 1000, .credit = AMPLE });
	bench_wait(b, &x);
	assert_int_equal(x.end, STATUS_RESOURCE_EXHAUSTED);
}

static void
texts_keep_to_their_share_of_the_disk(void **state)
{
	struct bench *b = *state;
	struct saying saying = { .method = METHOD_WHOLE,
		.texts = TEXTS(A1500, A1500),
		.wait_ms = 1000,
		.credit = AMPLE,
		.client = 4 };
	struct said full, o, x;

	bench_limit(b, CHARGE_SPOOL, 3000, CHARGE_ANY);
	bench_open(b, &full, saying);
	bench_pass(b, 10);
	bench_exchange(b, &x, full.stream,
	    (struct saying){
		.first = full.next, .texts = TEXTS(A1500), .client = 4 });
	bench_pass(b, 10);
	assert_int_equal(b->peers[4].held[CHARGE_SPOOL], 3000);
	/* All that may be there is. */
	saying.client = 0;
	bench_open(b, &o, saying);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 2, .wait_ms = 1000, .credit = AMPLE });
	bench_wait(b, &x);
	assert_int_equal(x.end, STATUS_RESOURCE_EXHAUSTED);
	assert_int_equal(b->all.held[CHARGE_SPOOL], 3000);
	/* A file that is given up makes room. */
	bench_cancel(b, full.stream);
	bench_pass(b, 10);
	assert_int_equal(b->all.held[CHARGE_SPOOL], 0);
	bench_open(b, &o, saying);
	bench_pass(b, 10);
	assert_int_equal(b->all.held[CHARGE_SPOOL], 1500);
	/* One peer may have less than all of them. */
	bench_limit(b, CHARGE_SPOOL, CHARGE_ANY, 1000);
	saying.client = 4;
	bench_open(b, &o, saying);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.client = 4, .first = 2, .wait_ms = 1000, .credit = AMPLE });
	bench_wait(b, &x);
	assert_int_equal(x.end, STATUS_RESOURCE_EXHAUSTED);
}

/* The stream has not had its turn since the disk has failed. */
static void
open_on_a_failing_disk(struct bench *b, struct said *o)
{
	b->disk.failing = 1;
	bench_open(b, o,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS(A1500, "b"),
		.credit = AMPLE });
	b->disk.disk.poll(&b->disk.disk);
}

static void
disk_that_failed_once_loses_nothing_unsaid(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	open_on_a_failing_disk(b, &o);
	b->disk.failing = 0;
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 1,
		.texts = TEXTS(A1500),
		.last = true,
		.wait_ms = 1000,
		.credit = AMPLE });
	bench_wait(b, &x);
	assert_int_equal(x.end, STATUS_RESOURCE_EXHAUSTED);
}

static void
end_of_input_does_not_hide_that_the_disk_failed(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS(A100, A1500),
		.credit = AMPLE });
	bench_pass(b, 10);
	b->disk.failing = 1;
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 2, .texts = TEXTS(A500), .credit = AMPLE });
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 3, .texts = TEXTS(A100), .credit = AMPLE });
	assert_int_equal(x.next, 4);
	b->disk.disk.poll(&b->disk.disk);
	b->disk.failing = 0;
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 4, .last = true, .wait_ms = 1000, .credit = AMPLE });
	bench_wait(b, &x);
	assert_int_equal(x.end, STATUS_RESOURCE_EXHAUSTED);
}

/* Nor is what comes after it taken, before the stream has had its turn. */
static void
nothing_is_taken_once_the_disk_has_failed(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	open_on_a_failing_disk(b, &o);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = o.next, .texts = TEXTS("c"), .credit = AMPLE });
	assert_int_equal(x.end, STATUS_RESOURCE_EXHAUSTED);
	assert_int_equal(x.next, o.next);
}

/* What may pass by itself, and what does not. */
static void
why_the_disk_failed_is_told_apart(void **state)
{
	static const struct {
		int error;
		status_code code;
	} cases[] = {
		{ ENOSPC, STATUS_RESOURCE_EXHAUSTED },
		{ EMFILE, STATUS_RESOURCE_EXHAUSTED },
		{ ENFILE, STATUS_RESOURCE_EXHAUSTED },
		{ EAGAIN, STATUS_RESOURCE_EXHAUSTED },
		{ ENOMEM, STATUS_RESOURCE_EXHAUSTED },
		{ EIO, STATUS_INTERNAL },
		{ EROFS, STATUS_INTERNAL },
	};
	struct bench *b = *state;
	struct said o, x;

	b->disk.failing = 1;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		b->disk.error = cases[i].error;
		bench_open(b, &o,
		    (struct saying){ .method = METHOD_WHOLE,
			.texts = TEXTS(A1500, "b"),
			.credit = AMPLE });
		bench_exchange(b, &x, o.stream,
		    (struct saying){
			.first = 2, .wait_ms = 1000, .credit = AMPLE });
		bench_wait(b, &x);
		assert_int_equal(x.end, cases[i].code);
	}
}

static void
a_text_has_a_greatest_length(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_stop(b);
	b->limits.spool_stream = 1001;
	bench_start(b);
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS(A500, A500, "b"),
		.last = true,
		.credit = AMPLE });
	assert_int_equal(o.end, STATUS_OK);
	assert_int_equal(o.bytes_out, 1001);
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS(A500, A500, "bc"),
		.credit = AMPLE });
	assert_int_equal(o.end, STATUS_RESOURCE_EXHAUSTED);
	assert_int_equal(o.at_message, 2);
}

/* A limit that was set too high is no reason to write beyond a buffer. */
static void
whole_holds_no_more_than_its_share(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_stop(b);
	b->limits.spool_memory = 100000;
	bench_start(b);
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS(A1500, A1500),
		.credit = AMPLE });
	assert_int_equal(o.next, 2);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 2, .texts = TEXTS(A1500), .credit = AMPLE });
	assert_int_equal(x.code, STATUS_RESOURCE_EXHAUSTED);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 2, .last = true, .wait_ms = 1000, .credit = AMPLE });
	bench_wait(b, &x);
	assert_int_equal(strlen(x.heard), BENCH_MESSAGE);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 2,
		.last = true,
		.next = 1,
		.wait_ms = 1000,
		.credit = AMPLE });
	bench_wait(b, &x);
	assert_true(x.has_end);
	assert_int_equal(x.bytes_out, 3000);
}

static void
work_of_one_turn_is_bounded(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_stop(b);
	b->turn_bytes = 300;
	bench_start(b);
	bench_open(b, &o,
	    (struct saying){ .texts = TEXTS(A100, A100, A100, A100, A100, A100),
		.credit = AMPLE });
	assert_int_equal(o.next, 6);
	assert_in_range(o.count, 1, 3);
	assert_true(streams_has_work(b->streams));
	bench_pass(b, 1);
	assert_false(streams_has_work(b->streams));
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 6, .next = o.count, .credit = AMPLE });
	assert_int_equal(o.count + x.count, 6);
}

static void
cancel_frees_the_spool_while_the_disk_works(void **state)
{
	struct bench *b = *state;
	struct said o;

	b->disk.slowest = 50;
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS(A1500, "b"),
		.credit = AMPLE });
	assert_int_equal(b->disk.jobs, 1);
	bench_cancel(b, o.stream);
	bench_cancel(b, o.stream);
	assert_int_equal(bench_memory(b), 0);
	bench_pass(b, 60);
	assert_int_equal(b->disk.files, 0);
}

/* In the middle of a piece of the output, too. */
static void
a_cancelled_whole_holds_no_text(void **state)
{
	struct bench *b = *state;
	const struct stream *s;
	struct said x;

	bench_stop(b);
	b->limits.window = 20000;
	b->limits.message_max = 8000;
	bench_start(b);
	b->disk.slowest = 20;
	bench_open(b, &x,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS(A1500, A1500, A1500, A1500, A1500, A1500),
		.last = true,
		.largest = 8000,
		.wait_ms = 5000,
		.credit = AMPLE });
	s = TAILQ_FIRST(&b->streams->open);
	while (x.answers == 0 && !s->out.open)
		bench_pass(b, 1);
	assert_int_equal(x.answers, 0);
	streams_end_all(b->streams, b->now);
	assert_int_equal(x.end, STATUS_UNAVAILABLE);
	bench_pass(b, 50);
	assert_int_equal(bench_memory(b), sizeof(*s));
}

/* Limits. */

static void
streams_are_limited_in_all_and_per_client(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_stop(b);
	bench_limit(b, CHARGE_STREAMS, 5, 2);
	bench_start(b);
	for (int i = 0; i < 3; i++) {
		bench_open(b, &o, (struct saying){ .client = 9 });
		assert_int_equal(
		    o.code, i < 2 ? STATUS_OK : STATUS_RESOURCE_EXHAUSTED);
	}
	assert_int_not_equal(o.retry_after_ms, 0);
	for (int i = 0; i < 4; i++) {
		bench_open(b, &o, (struct saying){ .client = 0 });
		assert_int_equal(
		    o.code, i < 3 ? STATUS_OK : STATUS_RESOURCE_EXHAUSTED);
	}
}

static void
finished_streams_are_never_in_the_way(void **state)
{
	struct bench *b = *state;
	struct said o;

	for (int i = 0; i < 20000; i++) {
		bench_open(b, &o,
		    (struct saying){ .texts = TEXTS("ab"),
			.last = true,
			.client = 9,
			.credit = AMPLE });
		assert_int_equal(o.code, STATUS_OK);
		bench_pass(b, 1);
	}
}

static void
short_memory_refuses_streams_and_growth(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){ .method = METHOD_COLLECT, .texts = TEXTS("ab") });
	bench_use(b, b->all.most[CHARGE_BYTES] / 4 * 3);
	bench_open(b, &x, (struct saying){ .credit = 1 });
	assert_int_equal(x.code, STATUS_RESOURCE_EXHAUSTED);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 1, .texts = TEXTS("cd") });
	assert_int_equal(x.code, STATUS_RESOURCE_EXHAUSTED);
	assert_int_not_equal(x.retry_after_ms, 0);
	bench_use(b, 0);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 1,
		.texts = TEXTS("cd"),
		.last = true,
		.credit = AMPLE });
	assert_string_equal(x.heard, "dcba");
}

static void
one_client_gets_an_eighth_of_the_memory(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_stop(b);
	bench_limit(b, CHARGE_BYTES, 8 * 10000, 10000);
	b->limits.window = 20000;
	bench_start(b);
	bench_open(b, &o,
	    (struct saying){ .client = 4,
		.texts =
		    TEXTS(A1500, A1500, A1500, A1500, A1500, A1500, A1500) });
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .client = 4, .first = 7, .texts = TEXTS("ab") });
	assert_int_equal(x.code, STATUS_RESOURCE_EXHAUSTED);
	/* Taking answers makes room. */
	for (uint64_t next = 0; next < 7; next += x.count)
		bench_exchange(b, &x, o.stream,
		    (struct saying){ .client = 4,
			.first = 7,
			.next = next,
			.credit = 5000 });
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .client = 4,
		.first = 7,
		.texts = TEXTS("ab"),
		.next = 7,
		.credit = AMPLE });
	assert_string_equal(x.heard, "ba");
}

static void
token_names_its_worker(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_stop(b);
	b->limits.worker = 0x1234;
	bench_start(b);
	bench_open(b, &o, (struct saying){ .connection = 77 });
	assert_memory_equal(o.stream, "\x12\x34", 2);
	assert_true(streams_opened_by(b->streams, o.stream, 77));
	assert_false(streams_opened_by(b->streams, o.stream, 78));
}

#define FACT(name) \
	cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(spell_keeps_its_pace),
		FACT(collect_too_long_names_whole),
		FACT(bad_character_across_messages_is_found),
		FACT(long_whole_goes_through_the_disk),
		FACT(full_disk_ends_the_stream_and_says_so),
		FACT(texts_keep_to_their_share_of_the_disk),
		FACT(disk_that_failed_once_loses_nothing_unsaid),
		FACT(end_of_input_does_not_hide_that_the_disk_failed),
		FACT(nothing_is_taken_once_the_disk_has_failed),
		FACT(why_the_disk_failed_is_told_apart),
		FACT(a_text_has_a_greatest_length),
		FACT(whole_holds_no_more_than_its_share),
		FACT(work_of_one_turn_is_bounded),
		FACT(cancel_frees_the_spool_while_the_disk_works),
		FACT(a_cancelled_whole_holds_no_text),
		FACT(streams_are_limited_in_all_and_per_client),
		FACT(finished_streams_are_never_in_the_way),
		FACT(short_memory_refuses_streams_and_growth),
		FACT(one_client_gets_an_eighth_of_the_memory),
		FACT(token_names_its_worker),
	};

	return cmocka_run_group_tests_name("methods", tests, NULL, NULL);
}
