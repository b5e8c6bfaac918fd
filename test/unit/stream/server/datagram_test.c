/* Streams over UDP: what a reply carries, and whom a token was sent to. */
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

/* Room for every answer at once. */
#define AMPLE 100000

static void
streams_over_udp_prove_themselves(void **state)
{
	struct bench *b = *state;
	struct said o[3], x;

	bench_stop(b);
	bench_limit(b, CHARGE_UNPROVEN, 2, CHARGE_ANY);
	bench_start(b);
	for (int i = 0; i < 3; i++)
		bench_open(b, &o[i], (struct saying){ .datagram = true });
	assert_int_equal(o[2].code, STATUS_RESOURCE_EXHAUSTED);
	/* They are in nobody's way who comes over a connection. */
	bench_open(b, &x, (struct saying){ .datagram = false });
	assert_int_equal(x.code, STATUS_OK);
	bench_exchange(b, &x, o[0].stream, (struct saying){ .datagram = true });
	bench_open(b, &o[2], (struct saying){ .datagram = true });
	assert_int_equal(o[2].code, STATUS_OK);
	bench_pass(b, b->limits.unproven_lease_ms);
	bench_exchange(b, &x, o[0].stream, (struct saying){ .datagram = true });
	assert_int_equal(x.code, STATUS_OK);
	bench_exchange(b, &x, o[1].stream, (struct saying){ .datagram = true });
	assert_int_equal(x.code, STATUS_NOT_FOUND);
}

/* It is with the finished ones, which have a limit of their own. */
static void
a_stream_that_has_ended_is_not_in_doubt(void **state)
{
	struct bench *b = *state;
	struct said o;

	bench_open(b, &o, (struct saying){ .datagram = true, .last = true });
	assert_int_equal(b->all.held[CHARGE_UNPROVEN], 0);
	assert_int_equal(b->all.held[CHARGE_KEPT], 1);
}

static void
answer_fits_its_datagram(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){ .texts = TEXTS("abc", "de", A100),
		.datagram = true,
		.room = 4,
		.credit = AMPLE });
	assert_int_equal(o.code, STATUS_OK);
	assert_int_equal(o.count, 0);
	bench_exchange(b, &x, o.stream,
	    (struct saying){
		.first = 3, .datagram = true, .room = 17, .credit = AMPLE });
	assert_string_equal(x.heard, "cba,ed");
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 3,
		.next = 2,
		.datagram = true,
		.room = 100,
		.credit = AMPLE });
	assert_int_equal(x.code, STATUS_OUT_OF_RANGE);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 3, .next = 2, .credit = AMPLE });
	assert_string_equal(x.heard, A100);
}

/* Whoever asks is told the end once it can be told, and not before. */
static void
an_end_that_does_not_fit_is_not_told(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){ .texts = TEXTS("abc"),
		.last = true,
		.echo = A100,
		.datagram = true,
		.space = 20,
		.credit = AMPLE });
	assert_string_equal(o.heard, "cba");
	assert_false(o.last);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 1,
		.last = true,
		.next = 1,
		.datagram = true,
		.space = 150,
		.credit = AMPLE });
	assert_int_equal(x.code, STATUS_OUT_OF_RANGE);
	assert_int_equal(streams_owing(b->streams), 1);
	bench_exchange(b, &x, o.stream,
	    (struct saying){ .first = 1,
		.last = true,
		.next = 1,
		.datagram = true,
		.space = 250,
		.credit = AMPLE });
	assert_int_equal(x.code, STATUS_OK);
	assert_true(x.last);
	assert_int_equal(streams_owing(b->streams), 0);
}

static void
a_token_that_two_hosts_have_shows_nobody(void **state)
{
	struct bench *b = *state;
	struct said o, x;

	bench_open(b, &o,
	    (struct saying){ .nonce = 1, .connection = 1, .datagram = true });
	assert_true(streams_opened_by(b->streams, o.stream, 1));
	bench_open(b, &x,
	    (struct saying){ .nonce = 1, .connection = 1, .datagram = true });
	assert_true(streams_opened_by(b->streams, o.stream, 1));
	/* Of the same client, as the hosts of one IPv6 /64 are. */
	bench_open(b, &x,
	    (struct saying){ .nonce = 1, .connection = 2, .datagram = true });
	assert_memory_equal(x.stream, o.stream, sizeof(token));
	assert_false(streams_opened_by(b->streams, o.stream, 1));
	assert_false(streams_opened_by(b->streams, o.stream, 2));
}

#define FACT(name) \
	cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int
main(void)
{
	const struct CMUnitTest facts[] = {
		FACT(streams_over_udp_prove_themselves),
		FACT(a_stream_that_has_ended_is_not_in_doubt),
		FACT(answer_fits_its_datagram),
		FACT(an_end_that_does_not_fit_is_not_told),
		FACT(a_token_that_two_hosts_have_shows_nobody),
	};

	return cmocka_run_group_tests(facts, NULL, NULL);
}
