/* What streams do when little is left of a turn: one fact a test. */
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

/* A text that is long, and the turn that it is more than. */
#define LONG (40 * 1024)
#define LESS (20 * 1024)

static char text[200 * 1024 + 1];

static int
set_up(void **state)
{
	struct bench *b = malloc(sizeof(*b));

	bench_init(b);
	b->limits.message_max = sizeof(text) + 3;
	bench_start(b);
	*state = b;
	return 0;
}

/* A text of so many bytes. */
static const char *
of(size_t len)
{
	memset(text, 'a', len);
	text[len] = '\0';
	return text;
}

/* So much is left of this turn. */
static void
leave(struct bench *b, size_t bytes)
{
	b->turn = b->now;
	b->left = bytes;
}

/* A turn in which nothing is left for more than one. */
static void
tick_once(struct bench *b)
{
	leave(b, 0);
	streams_tick(b->streams, b->now);
}

static void
what_is_due_at_once_has_one_turn_after_the_other(void **state)
{
	struct bench *b = *state;
	struct said opened[10], waiting[10];
	size_t answered;

	for (size_t i = 0; i < ARRAY_LEN(opened); i++) {
		bench_open(b, &opened[i], (struct saying){ .nonce = 0 });
		bench_exchange(b, &waiting[i], opened[i].stream,
		    (struct saying){ .credit = AMPLE, .wait_ms = 100 });
	}
	b->now += 100;
	for (size_t turns = 1; turns <= ARRAY_LEN(opened); turns++) {
		assert_true(streams_next_due(b->streams) <= b->now);
		tick_once(b);
		answered = 0;
		for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
			answered += waiting[i].answers;
		assert_int_equal(answered, turns);
	}
	/* And so have their leases. */
	b->now += b->limits.lease_ms;
	for (size_t left = ARRAY_LEN(opened); left > 0; left--) {
		assert_int_equal(streams_count(b->streams), left);
		tick_once(b);
	}
	assert_int_equal(streams_count(b->streams), 0);
}

static void
streams_end_one_turn_after_the_other(void **state)
{
	struct bench *b = *state;
	struct said opened[10];

	for (size_t i = 0; i < ARRAY_LEN(opened); i++)
		bench_open(b, &opened[i], (struct saying){ .nonce = 0 });
	for (size_t left = ARRAY_LEN(opened); left > 0; left--) {
		assert_int_equal(streams_count(b->streams), left);
		leave(b, 0);
		assert_int_equal(
		    streams_end_some(b->streams, b->now), left == 1);
	}
	assert_int_equal(streams_count(b->streams), 0);
}

static void
a_long_text_is_collected_in_steps(void **state)
{
	struct bench *b = *state;
	struct said o;
	int turns = 0;

	b->turn_bytes = 1;
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_COLLECT,
		.client = 0,
		.texts = TEXTS(of(200 * 1024)),
		.last = true });
	for (; streams_has_work(b->streams); turns++)
		bench_work(b);
	assert_int_equal(o.code, STATUS_OK);
	assert_in_range(turns, 3, 6);
}

/* Short steps are made in one until they come to what is left. */
static void
many_units_are_spelled_in_turns(void **state)
{
	struct bench *b = *state;
	struct said o, x;
	int turns = 0;

	b->turn_bytes = 300;
	leave(b, 300);
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_SPELL,
		.texts = TEXTS(of(100)),
		.largest = 1 });
	for (; streams_has_work(b->streams); turns++)
		bench_work(b);
	assert_in_range(turns, 100 / 5, 100 / 3);
	bench_exchange(
	    b, &x, o.stream, (struct saying){ .first = 1, .credit = AMPLE });
	assert_int_equal(x.count, 100);
	assert_true(x.has_end);
}

/* It is asked for by calls, each of which may come with many others. */
static void
a_long_answer_waits_for_its_turn(void **state)
{
	struct bench *b = *state;
	struct said o, x, last;

	bench_open(b, &o,
	    (struct saying){ .method = METHOD_COLLECT,
		.texts = TEXTS(of(3000)),
		.last = true });
	bench_pass(b, 1);
	/* A short one does not. */
	leave(b, 1);
	bench_exchange(b, &x, o.stream, (struct saying){ .credit = AMPLE });
	assert_int_equal(x.answers, 1);
	assert_true(x.has_end);
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_COLLECT,
		.texts = TEXTS(of(LONG)),
		.last = true });
	bench_pass(b, 1);
	leave(b, LESS);
	bench_exchange(b, &x, o.stream, (struct saying){ .credit = AMPLE });
	assert_int_equal(x.answers, 0);
	assert_true(streams_has_work(b->streams));
	/* One that may not wait does not, either. */
	leave(b, LESS);
	bench_exchange(b, &last, o.stream,
	    (struct saying){
		.credit = AMPLE, .at_once = true, .connection = 2 });
	assert_int_equal(last.answers, 1);
	assert_int_equal(x.code, STATUS_ABORTED);
	leave(b, LESS);
	bench_exchange(b, &x, o.stream, (struct saying){ .credit = AMPLE });
	assert_int_equal(x.answers, 0);
	bench_work(b);
	assert_int_equal(x.answers, 1);
	assert_true(x.has_end);
}

/* With a step that is long. */
static void
a_long_step_waits_for_its_turn(void **state)
{
	struct bench *b = *state;
	struct said o;

	leave(b, LESS);
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_COLLECT,
		.texts = TEXTS(of(LONG)),
		.last = true });
	assert_true(streams_has_work(b->streams));
	assert_int_equal(b->left, LESS);
	bench_work(b);
	assert_false(streams_has_work(b->streams));
}

#define FACT(name) \
	cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)

int
main(void)
{
	const struct CMUnitTest facts[] = {
		FACT(what_is_due_at_once_has_one_turn_after_the_other),
		FACT(streams_end_one_turn_after_the_other),
		FACT(a_long_text_is_collected_in_steps),
		FACT(many_units_are_spelled_in_turns),
		FACT(a_long_step_waits_for_its_turn),
		FACT(a_long_answer_waits_for_its_turn),
	};

	return cmocka_run_group_tests(facts, NULL, NULL);
}
