/* rpcloop/wire/quick: it does what libtirpc's functions do. */
#include "rpcloop/wire/quick.h"

#include "base/base.h"
#include "test/lib/random.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
	ROUNDS = 100000,
	ROOM = 64,
	OPAQUE_MAX = 24,
};

/* One of each, as rpcgen's code would have them. */
struct values {
	u_int word;
	int number;
	bool_t truth;
	u_quad_t wide;
	quad_t deep;
	u_int len; /* of the bytes; not on the wire */
	char bytes[OPAQUE_MAX];
};

static bool_t
quick(XDR *xdrs, struct values *v)
{
	return xdr_quick_u_int(xdrs, &v->word) &&
	    xdr_quick_int(xdrs, &v->number) &&
	    xdr_quick_bool(xdrs, &v->truth) &&
	    xdr_quick_u_quad_t(xdrs, &v->wide) &&
	    xdr_quick_quad_t(xdrs, &v->deep) &&
	    xdr_quick_opaque(xdrs, v->bytes, v->len);
}

static bool_t
theirs(XDR *xdrs, struct values *v)
{
	return xdr_u_int(xdrs, &v->word) && xdr_int(xdrs, &v->number) &&
	    xdr_bool(xdrs, &v->truth) && xdr_u_quad_t(xdrs, &v->wide) &&
	    xdr_quad_t(xdrs, &v->deep) && xdr_opaque(xdrs, v->bytes, v->len);
}

static struct values
random_values(struct rng *r)
{
	struct values v = {
		.word = (u_int)rng_next(r),
		.number = (int)rng_next(r),
		.truth = (bool_t)rng_below(r, 3),
		.wide = rng_next(r),
		.deep = (quad_t)rng_next(r),
		.len = rng_below(r, OPAQUE_MAX + 1),
	};

	rng_fill(r, v.bytes, v.len);
	return v;
}

static void
assert_same(const struct values *a, const struct values *b)
{
	assert_int_equal(a->word, b->word);
	assert_int_equal(a->number, b->number);
	assert_int_equal(a->truth, b->truth);
	assert_true(a->wide == b->wide && a->deep == b->deep);
	assert_memory_equal(a->bytes, b->bytes, a->len);
}

/* To a buffer, at any address and with any room left in it. */
static void
it_encodes_the_same(void **state)
{
	struct rng r = { 1 };
	struct buffer b;

	(void)state;
	buffer_init(&b, ROOM * 2);
	for (int i = 0; i < ROUNDS; i++) {
		struct values v = random_values(&r);
		uint32_t before = rng_below(&r, ROOM);
		char expected[ROOM];
		XDR ours, other;

		assert_int_equal(buffer_reserve(&b, before), 0);
		buffer_commit(&b, before);
		xdrbuf_create(&ours, &b);
		xdrmem_create(&other, expected, sizeof(expected), XDR_ENCODE);
		assert_true(quick(&ours, &v) && theirs(&other, &v));
		assert_int_equal(buffer_len(&b) - before, xdr_getpos(&other));
		assert_memory_equal(
		    buffer_head(&b) + before, expected, xdr_getpos(&other));
		buffer_consume(&b, buffer_len(&b));
		if (i % 2 == 0)
			buffer_trim(&b);
	}
	buffer_deinit(&b);
}

static void
a_full_buffer_is_refused(void **state)
{
	struct values v = { .len = 0 };
	struct buffer b;
	XDR xdrs;

	(void)state;
	for (size_t max = 0; max < 7 * WORD_SIZE; max++) {
		buffer_init(&b, max);
		xdrbuf_create(&xdrs, &b);
		assert_false(quick(&xdrs, &v));
		assert_true(buffer_len(&b) <= max);
		buffer_deinit(&b);
	}
}

/* Any bytes, at any address, cut anywhere. */
static void
it_decodes_the_same(void **state)
{
	struct rng r = { 1 };
	uint8_t wire[ROOM + WORD_SIZE];

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct values a = random_values(&r), b = a;
		size_t at = rng_below(&r, WORD_SIZE);
		size_t len = rng_below(&r, ROOM + 1);
		bool_t good;
		XDR ours, other;

		rng_fill(&r, wire, sizeof(wire));
		xdrspan_create(&ours, wire + at, len);
		xdrspan_create(&other, wire + at, len);
		good = theirs(&other, &b);
		assert_int_equal(quick(&ours, &a), good);
		assert_int_equal(xdr_getpos(&ours), xdr_getpos(&other));
		if (good)
			assert_same(&a, &b);
	}
}

/* Those of others, and what xdr_free() makes, of which nothing but the
 * operation is defined. */
static void
other_streams_are_left_to_libtirpc(void **state)
{
	struct rng r = { 1 };
	struct values v = random_values(&r), back = { .len = v.len };
	char memory[ROOM];
	XDR xdrs;

	(void)state;
	xdrmem_create(&xdrs, memory, sizeof(memory), XDR_ENCODE);
	assert_true(quick(&xdrs, &v));
	xdrmem_create(&xdrs, memory, sizeof(memory), XDR_DECODE);
	assert_true(quick(&xdrs, &back));
	v.truth = v.truth != 0;
	assert_same(&v, &back);
	xdr_free((xdrproc_t)quick, (char *)&back);
	assert_same(&v, &back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_encodes_the_same),
		cmocka_unit_test(a_full_buffer_is_refused),
		cmocka_unit_test(it_decodes_the_same),
		cmocka_unit_test(other_streams_are_left_to_libtirpc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
