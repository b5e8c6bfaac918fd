/* What one turn, one client and one disk may cost: one fact a test. */
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

/* More streams than any bound here lets be. */
#define MANY 100

/* An eighth of all memory, and what a stream may be beyond it. */
#define SHARE 20000
#define ONE   (2 * (BENCH_WINDOW + BENCH_MESSAGE) + 4096)

static int
set_up(void **state)
{
	struct bench *b = malloc(sizeof(*b));

	bench_init(b);
	b->turn_bytes = BENCH_MESSAGE;
	bench_limit(b, CHARGE_BYTES, 8 * SHARE, SHARE);
	bench_start(b);
	*state = b;
	return 0;
}

/* Ten calls of one turn, each of which asks for 1,500 bytes of work. */
struct crowd {
	struct said opened[10];
	struct said closed[10];
};

static void
crowd_calls(struct bench *b, struct crowd *crowd)
{
	for (size_t i = 0; i < ARRAY_LEN(crowd->opened); i++)
		bench_open(b, &crowd->opened[i],
		    (struct saying){
			.method = METHOD_COLLECT, .texts = TEXTS(A1500) });
	bench_pass(b, 1);
	for (size_t i = 0; i < ARRAY_LEN(crowd->closed); i++)
		bench_exchange(b, &crowd->closed[i], crowd->opened[i].stream,
		    (struct saying){ .first = 1,
			.last = true,
			.credit = AMPLE,
			.wait_ms = 1000 });
}

static unsigned int
crowd_answers(const struct crowd *crowd)
{
	unsigned int answers = 0;

	for (size_t i = 0; i < ARRAY_LEN(crowd->closed); i++)
		answers += crowd->closed[i].answers;
	return answers;
}

static void
calls_of_one_turn_share_its_work(void **state)
{
	struct bench *b = *state;
	struct crowd crowd;

	crowd_calls(b, &crowd);
	assert_in_range(crowd_answers(&crowd), 1, 2);
	bench_pass(b, 1);
	for (size_t i = 0; i < ARRAY_LEN(crowd.closed); i++)
		assert_string_equal(crowd.closed[i].heard, A1500);
}

static void
a_turn_ends_after_steps_that_were_long(void **state)
{
	struct bench *b = *state;
	struct crowd crowd;
	unsigned int before;

	b->streams = streams_free(b->streams);
	b->turn_bytes = 1000;
	bench_start(b);
	crowd_calls(b, &crowd);
	while (streams_has_work(b->streams)) {
		before = crowd_answers(&crowd);
		bench_work(b);
		assert_int_equal(crowd_answers(&crowd), before + 1);
	}
	assert_int_equal(crowd_answers(&crowd), ARRAY_LEN(crowd.closed));
}

static void
opening_keeps_to_the_share_of_a_client(void **state)
{
	struct bench *b = *state;
	struct said o;
	unsigned int i = 0;

	do {
		bench_open(b, &o,
		    (struct saying){ .client = 7, .texts = TEXTS(A1500) });
	} while (o.code == STATUS_OK && ++i < MANY);
	assert_int_equal(o.code, STATUS_RESOURCE_EXHAUSTED);
	assert_true(o.retry_after_ms > 0);
	assert_true(bench_memory(b) < SHARE + ONE);
	bench_open(
	    b, &o, (struct saying){ .client = 8, .texts = TEXTS(A1500) });
	assert_int_equal(o.code, STATUS_OK);
}

static void
what_has_ended_never_stands_in_its_clients_way(void **state)
{
	struct bench *b = *state;
	struct said o, x, other;

	bench_open(b, &other,
	    (struct saying){
		.client = 8, .texts = TEXTS(A1500), .last = true });
	for (unsigned int i = 0; i < MANY; i++) {
		bench_open(b, &o, (struct saying){ .client = 7 });
		assert_int_equal(o.code, STATUS_OK);
		bench_exchange(b, &x, o.stream,
		    (struct saying){
			.client = 7, .texts = TEXTS(A1500), .last = true });
		assert_int_equal(x.code, STATUS_OK);
		assert_int_equal(x.next, 1);
		assert_true(bench_memory(b) < SHARE + 2 * ONE);
		bench_pass(b, 1);
	}
	bench_exchange(b, &x, other.stream,
	    (struct saying){ .client = 8, .first = 1, .credit = AMPLE });
	assert_string_equal(x.heard, A1500);
}

static void
what_connections_hold_is_of_their_clients_share(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o, (struct saying){ .client = 7 });
	bench_hold(b, 7, SHARE / 2);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.client = 7, .texts = TEXTS("ab"), .credit = AMPLE });
	assert_string_equal(x.heard, "ba");
	bench_hold(b, 7, SHARE);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .client = 7,
		.first = 1,
		.texts = TEXTS("ab"),
		.next = 1,
		.credit = AMPLE });
	assert_int_equal(x.code, STATUS_RESOURCE_EXHAUSTED);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.client = 7, .first = 1, .next = 1, .credit = AMPLE });
	assert_int_equal(x.code, STATUS_OK);
	bench_open(b, &o, (struct saying){ .client = 7 });
	assert_int_equal(o.code, STATUS_RESOURCE_EXHAUSTED);
	bench_hold(b, 0, SHARE);
	bench_open(b, &o, (struct saying){ 0 });
	assert_int_equal(o.code, STATUS_OK);
}

static void
what_has_ended_makes_room_for_messages(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o, (struct saying){ 0 });
	for (unsigned int i = 0; i < MANY / 2; i++)
		bench_open(b, &x,
		    (struct saying){ .texts = TEXTS(A1500), .last = true });
	bench_pass(b, 1);
	bench_use(b, 8 * SHARE - bench_memory(b));
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .texts = TEXTS("ab"), .credit = AMPLE });
	assert_string_equal(x.heard, "ba");
	bench_use(b, 8 * SHARE);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 1, .texts = TEXTS("ab"), .next = 1, .credit = AMPLE });
	assert_int_equal(x.code, STATUS_RESOURCE_EXHAUSTED);
	bench_use(b, 0);
}

/* The memory of a stream that was opened so, and then sent another text or
 * NULL. */
static uint64_t
memory_after(struct bench *b, struct saying saying, const char *text)
{
	struct said o, x;
	uint64_t memory;

	bench_open(b, &o, saying);
	assert_int_equal(o.code, STATUS_OK);
	if (text != NULL)
		bench_exchange(b, &x, o.stream,
		    (struct saying){ .first = o.next, .texts = TEXTS(text) });
	memory = bench_memory(b);
	bench_cancel(b, o.stream);
	bench_cancel(b, o.stream);
	assert_int_equal(bench_memory(b), 0);
	return memory;
}

static uint64_t
memory_of(struct bench *b, struct saying saying)
{
	return memory_after(b, saying, NULL);
}

static void
all_that_a_stream_keeps_is_charged(void **state)
{
	static const char key[] = "echo-test";
	struct saying each = { .nonce = 0 }, spell = { .method = METHOD_SPELL },
		      collect = { .method = METHOD_COLLECT };
	struct bench *b = *state;
	uint64_t before = memory_of(b, each);

	each.echo = A100;
	assert_int_equal(memory_of(b, each) - before,
	    sizeof(metadatum) + strlen(key) + strlen(A100));
	before = memory_of(b, spell);
	spell.texts = TEXTS(A1500);
	assert_true(memory_of(b, spell) - before >= 1500);
	before = memory_of(b, collect);
	collect.texts = TEXTS(A500);
	assert_int_equal(memory_of(b, collect) - before, 500);
	/* It grows by as much again. */
	assert_int_equal(memory_after(b, collect, A100) - before, 1000);
	/* What comes in one segment makes it grow once. */
	collect.texts = TEXTS(A500, A100);
	assert_int_equal(memory_of(b, collect) - before, 600);
}

static void
what_a_slow_disk_still_holds_is_counted(void **state)
{
	struct bench *b = *state;
	struct said o;
	unsigned int i = 0;

	b->disk.slowest = 1000000;
	do {
		bench_open(b, &o,
		    (struct saying){ .method = METHOD_WHOLE,
			.texts = TEXTS(A500, A500, A500, A500) });
		if (o.code != STATUS_OK)
			break;
		bench_cancel(b, o.stream);
		bench_cancel(b, o.stream);
	} while (++i < 10 * MANY);
	assert_int_equal(o.code, STATUS_RESOURCE_EXHAUSTED);
	assert_int_equal(bench_memory(b), 0);
	assert_true(b->disk.jobs * 1500 < 8 * SHARE);
	while (b->disk.jobs > 0) {
		b->disk.now += 1000;
		streams_disk_ready(b->streams, b->now);
	}
	bench_open(b, &o,
	    (struct saying){ .method = METHOD_WHOLE,
		.texts = TEXTS(A500, A500, A500, A500) });
	assert_int_equal(o.code, STATUS_OK);
}

/* One that is ready can be fetched again and again, by one connection after the
 * other, and each answer waits to be sent. */
static void
a_long_answer_waits_while_memory_is_short_of_sockets(void **state)
{
	struct bench *b = *state;
	struct said o, little, x;
	struct charge sockets;

	bench_limit(b, CHARGE_BYTES, 1 << 20, 1 << 20);
	bench_open(b, &o,
	    (struct saying){
		.client = 1, .texts = TEXTS(A1500), .last = true });
	bench_open(b, &little,
	    (struct saying){ .client = 1, .texts = TEXTS("ab"), .last = true });
	bench_pass(b, 1);
	/* Memory alone does not keep it: it must be fetched to be freed. */
	bench_use(b, 1 << 20);
	charge_take(&sockets, &b->peers[2], CHARGE_SOCKETS, (1 << 17) - 1);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .client = 1, .credit = 1, .connection = 2 });
	assert_int_equal(x.code, STATUS_OK);
	assert_int_equal(x.count, 1);
	charge_set(&sockets, 1 << 17);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .client = 1, .credit = 1, .connection = 3 });
	assert_int_equal(x.code, STATUS_RESOURCE_EXHAUSTED);
	assert_true(x.retry_after_ms > 0);
	/* A short one comes, though the credit is less than it, as ever. */
	bench_exchange(
	    b, &x, little.stream, (struct saying){ .client = 1, .credit = 1 });
	assert_string_equal(x.heard, "ba");
	bench_use(b, 0);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .client = 1, .credit = 1, .connection = 4 });
	assert_int_equal(x.count, 1);
	charge_release(&sockets);
}

static void
silent_open_on_a_new_connection_begins_anew(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){
		.texts = TEXTS("ab", "cd"), .nonce = 1, .credit = AMPLE });
	assert_string_equal(o.heard, "ba,dc");
	/* The answer is lost with its connection. */
	bench_open(b, &o,
	    (struct saying){
		.texts = TEXTS("ab", "cd"), .nonce = 1, .connection = 2 });
	assert_int_equal(o.next, 2);
	assert_int_equal(o.count, 0);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 2, .connection = 2, .ahead = true, .credit = AMPLE });
	assert_string_equal(x.heard, "ba,dc");
}

static void
call_that_may_not_wait_is_answered_at_once(void **state)
{
	static const stream_method methods[] = { METHOD_EACH, METHOD_SPELL,
		METHOD_COLLECT, METHOD_WHOLE };
	struct bench *b = *state;
	struct said o, x;

	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		bench_open(b, &o,
		    (struct saying){ .method = methods[i],
			.at_once = true,
			.credit = AMPLE,
			.wait_ms = 1000 });
		assert_int_equal(o.answers, 1);
		bench_exchange(b, &x, o.stream,
		    (struct saying){
			.at_once = true, .credit = AMPLE, .wait_ms = 1000 });
		assert_int_equal(x.answers, 1);
		assert_int_equal(x.code, STATUS_OK);
	}
	bench_open(b, &o,
	    (struct saying){ .texts = TEXTS(A500, A500), .credit = AMPLE });
	assert_int_equal(o.window, BENCH_WINDOW);
	/* No room: another one would wait for it. */
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 2,
		.texts = TEXTS(A1500),
		.at_once = true,
		.wait_ms = 1000 });
	assert_int_equal(x.answers, 1);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 3,
		.texts = TEXTS(A500),
		.at_once = true,
		.wait_ms = 1000,
		.credit = AMPLE });
	assert_int_equal(x.answers, 1);
}

static void
call_that_cannot_be_kept_is_answered_at_once(void **state)
{
	struct bench *b = *state;
	struct said o, pull, x;

	bench_open(b, &o, (struct saying){ .credit = AMPLE });
	bench_exchange(b, &pull, o.stream,
	    (struct saying){ .wait_ms = 1000, .credit = AMPLE });
	assert_true(pull.waits);
	b->keepless = true;
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .ahead = true, .wait_ms = 1000, .credit = AMPLE });
	assert_int_equal(x.answers, 1);
	assert_int_equal(x.code, STATUS_OK);
	assert_int_equal(x.count, 0);
	assert_int_equal(pull.answers, 0);
	bench_open(b, &x,
	    (struct saying){
		.method = METHOD_SPELL, .credit = AMPLE, .wait_ms = 1000 });
	assert_int_equal(x.code, STATUS_OK);
	/* Those that were kept before wait on. */
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .texts = TEXTS("ab"), .ahead = true });
	assert_string_equal(pull.heard, "ba");
}

static void
call_that_is_answered_at_once_is_not_kept(void **state)
{
	struct bench *b = *state;
	struct said o, pull, x;

	bench_open(b, &o,
	    (struct saying){
		.texts = TEXTS("ab"), .credit = AMPLE, .wait_ms = 1000 });
	assert_string_equal(o.heard, "ba");
	assert_false(o.waits);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 1,
		.texts = TEXTS("cd"),
		.next = 1,
		.credit = AMPLE,
		.wait_ms = 1000 });
	assert_string_equal(x.heard, "dc");
	assert_false(x.waits);
	/* What others wait for goes to them first. */
	bench_exchange(b, &pull, o.stream,
	    (struct saying){
		.first = 2, .next = 2, .credit = AMPLE, .wait_ms = 1000 });
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 2,
		.texts = TEXTS("ef"),
		.next = 2,
		.ahead = true,
		.credit = AMPLE,
		.wait_ms = 1000 });
	assert_string_equal(pull.heard, "fe");
	assert_true(x.waits);
	assert_int_equal(x.answers, 0);
	bench_gone(b, &x);
}

static void
an_open_that_is_refused_leaves_the_stream_where_it_was(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){
		.texts = TEXTS("ab", "cd"), .nonce = 1, .credit = AMPLE });
	assert_string_equal(o.heard, "ba,dc");
	/* The answer is lost with its connection. */
	bench_use(b, 8 * SHARE);
	bench_open(b, &o,
	    (struct saying){
		.texts = TEXTS("ab", "cd"), .nonce = 1, .connection = 2 });
	assert_int_equal(o.code, STATUS_RESOURCE_EXHAUSTED);
	bench_use(b, 0);
	bench_open(b, &o,
	    (struct saying){
		.texts = TEXTS("ab", "cd"), .nonce = 1, .connection = 2 });
	assert_int_equal(o.code, STATUS_OK);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 2, .connection = 2, .ahead = true, .credit = AMPLE });
	assert_string_equal(x.heard, "ba,dc");
}

#define FACT(name) \
	cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)

int
main(void)
{
	const struct CMUnitTest facts[] = {
		FACT(calls_of_one_turn_share_its_work),
		FACT(a_turn_ends_after_steps_that_were_long),
		FACT(opening_keeps_to_the_share_of_a_client),
		FACT(what_has_ended_never_stands_in_its_clients_way),
		FACT(what_connections_hold_is_of_their_clients_share),
		FACT(what_has_ended_makes_room_for_messages),
		FACT(all_that_a_stream_keeps_is_charged),
		FACT(what_a_slow_disk_still_holds_is_counted),
		FACT(a_long_answer_waits_while_memory_is_short_of_sockets),
		FACT(silent_open_on_a_new_connection_begins_anew),
		FACT(call_that_may_not_wait_is_answered_at_once),
		FACT(call_that_cannot_be_kept_is_answered_at_once),
		FACT(call_that_is_answered_at_once_is_not_kept),
		FACT(an_open_that_is_refused_leaves_the_stream_where_it_was),
	};

	return cmocka_run_group_tests(facts, NULL, NULL);
}
