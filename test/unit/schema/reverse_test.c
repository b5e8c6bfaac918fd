/*
 * What schema/ says of reverse.x is what rpcgen makes of it: random values of
 * all types, whole, cut off and spoilt.
 */
#include "reverse.h"
#include "rpcloop/wire/xdr.h"
#include "test/lib/described.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { VALUES = 400, BYTES_MAX = 65536 };

#define TYPE(name)                                         \
	{                                                  \
#name, (xdrproc_t)xdr_##name, sizeof(name) \
	}

static const struct type {
	const char *name;
	xdrproc_t codec;
	size_t size;
} types[] = {
	TYPE(message),
	{ "token", (xdrproc_t)xdr_token, sizeof(token) },
	TYPE(text_unit),
	TYPE(stream_method),
	TYPE(status_code),
	TYPE(metadatum),
	TYPE(call_context),
	TYPE(failure),
	TYPE(segment),
	TYPE(stream_end),
	TYPE(answer),
	TYPE(greeting),
	TYPE(reverse_args),
	TYPE(reversed),
	TYPE(open_args),
	TYPE(opened),
	TYPE(exchange_args),
	TYPE(cancel_args),
	TYPE(health),
	TYPE(report),
	TYPE(caller),
	TYPE(greet_result),
	TYPE(reverse_result),
	TYPE(open_result),
	TYPE(exchange_result),
	TYPE(cancel_result),
	TYPE(status_result),
	TYPE(describe_result),
	TYPE(whoami_result),
};

static struct schema *reverse_x;

static int
setup(void **state)
{
	(void)state;
	reverse_x = described_reverse();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	schema_free(reverse_x);
	return 0;
}

/* Whether the generated code takes them, and how many. */
static bool
decodes(const struct type *type, void *value, uint8_t *bytes, size_t len,
    size_t *took)
{
	XDR xdrs;
	bool taken;

	memset(value, 0, type->size);
	xdrspan_create(&xdrs, bytes, len);
	taken = type->codec(&xdrs, value);
	*took = xdr_getpos(&xdrs);
	return taken;
}

/* The generated code and the schema say the same of bytes. */
static void
compare(const struct type *type, uint8_t *bytes, size_t len)
{
	struct schema_field field = described_field(reverse_x, type->name);
	void *value = malloc(type->size);
	size_t took, at;
	bool taken;

	assert_non_null(value);
	taken = decodes(type, value, bytes, len, &took);
	if (taken != (described_parts(&field, bytes, len, &at) == PARTS_OVER))
		fail_msg("%s: %s, and the schema does not agree", type->name,
		    taken ? "taken" : "refused");
	if (taken)
		assert_int_equal(at, took);
	xdr_free(type->codec, value);
	free(value);
}

/* What the generated code writes of a value is what it was read from. */
static void
write_back(const struct type *type, uint8_t *bytes, size_t len)
{
	static char again[BYTES_MAX];
	void *value = malloc(type->size);
	size_t took;
	XDR xdrs;

	assert_non_null(value);
	assert_true(decodes(type, value, bytes, len, &took));
	xdrmem_create(&xdrs, again, sizeof(again), XDR_ENCODE);
	assert_true(type->codec(&xdrs, value));
	assert_int_equal(xdr_getpos(&xdrs), len);
	assert_memory_equal(again, bytes, len);
	xdr_free(type->codec, value);
	free(value);
}

/* A value of the type, which fits. */
static size_t
some_value(struct rng *rng, const struct type *type, uint8_t *bytes)
{
	struct schema_field field = described_field(reverse_x, type->name);
	size_t len = described_value(rng, &field, bytes, BYTES_MAX);

	assert_int_not_equal(len, 0);
	return len;
}

static void
every_type_is_compared(void **state)
{
	const struct schema_type *type = reverse_x->types;
	size_t count = 0;

	(void)state;
	for (; type != NULL; type = type->next)
		count++;
	assert_int_equal(count, ARRAY_LEN(types));
	for (size_t i = 0; i < count; i++)
		assert_non_null(schema_type_named(reverse_x, types[i].name));
}

static void
values_are_walked_through_to_the_byte(void **state)
{
	static uint8_t bytes[BYTES_MAX];
	struct rng rng = { 1 };
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		for (int n = 0; n < VALUES; n++) {
			len = some_value(&rng, &types[i], bytes);
			write_back(&types[i], bytes, len);
			compare(&types[i], bytes, len);
		}
	}
}

static void
a_value_that_is_cut_off_is_refused(void **state)
{
	static uint8_t bytes[BYTES_MAX];
	struct rng rng = { 2 };
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		len = some_value(&rng, &types[i], bytes);
		for (size_t cut = 0; cut < len; cut++)
			compare(&types[i], bytes, cut);
	}
}

/* A word becomes another, a small one as a rule: it may be a length. */
static void
spoil(struct rng *rng, uint8_t *bytes, size_t len)
{
	static const uint32_t words[] = { 0, 1, 2, 17, 32, 33, 64, 65, 256, 257,
		512, 513, 1024, 1025, 65537, 1048577, UINT32_MAX };
	uint32_t word = words[rng_below(rng, ARRAY_LEN(words))];
	uint8_t *at = bytes + rng_below(rng, (uint32_t)len / 4) * 4;

	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(word >> (24 - 8 * i));
}

static void
spoilt_values_are_refused_alike(void **state)
{
	static uint8_t bytes[BYTES_MAX];
	struct rng rng = { 3 };
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		for (int n = 0; n < VALUES; n++) {
			len = some_value(&rng, &types[i], bytes);
			spoil(&rng, bytes, len);
			compare(&types[i], bytes, len);
		}
	}
}

/* One more than a bound, with as many bytes as it claims. */
static void
bounds_are_those_of_the_file(void **state)
{
	static uint8_t bytes[2 * 1048576];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		for (uint32_t bound = 0; bound <= 1048577;
		     bound = bound < 70 ? bound + 1 : 2 * bound) {
			for (uint32_t n = bound; n <= bound + 1; n++) {
				bytes[1] = (uint8_t)(n >> 16);
				bytes[2] = (uint8_t)(n >> 8);
				bytes[3] = (uint8_t)n;
				compare(&types[i], bytes, sizeof(bytes));
			}
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_compared),
		cmocka_unit_test(values_are_walked_through_to_the_byte),
		cmocka_unit_test(a_value_that_is_cut_off_is_refused),
		cmocka_unit_test(spoilt_values_are_refused_alike),
		cmocka_unit_test(bounds_are_those_of_the_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
