/* What a stream borrows: rpcloop/wire/checked on rpcloop/wire/xdr. */
#include "rpcloop/wire/checked.h"

#include "base/base.h"
#include "rpcloop/wire/word.h"
#include "rpcloop/wire/xdr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What xdr_free() has for a stream. */
static XDR freeing = { .x_op = XDR_FREE };

/* A list of opaque data, and perhaps one more: in a message of words. */
struct borrowed {
	u_int count;
	struct {
		u_int len;
		char *bytes;
	} * list;
	char *more; /* a string */
	uint32_t *number;
};

static bool_t
item_codec(XDR *xdrs, void *item)
{
	struct {
		u_int len;
		char *bytes;
	} *opaque = item;

	return xdr_checked_bytes(xdrs, &opaque->bytes, &opaque->len, 100);
}

static bool_t
borrowed_codec(XDR *xdrs, struct borrowed *b)
{
	return xdr_checked_array(xdrs, (char **)&b->list, &b->count, 100,
		   sizeof(b->list[0]), (xdrproc_t)item_codec) &&
	    xdr_checked_string(xdrs, &b->more, 100) &&
	    xdr_checked_pointer(xdrs, (char **)&b->number, sizeof(*b->number),
		(xdrproc_t)xdr_u_int32_t);
}

/* Under the address sanitizer it also shows that nothing is left. */
static void
a_stream_may_borrow(void **state)
{
	const uint32_t words[] = { 2, 5, 0x61626364, 0x65000000, 0, 2,
		0x78790000, 1, 77 };
	uint8_t message[sizeof(words)];
	struct borrowed b = { 0 };
	struct arena arena = { 0 };
	XDR xdrs;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		word_put(message + i * WORD_SIZE, words[i]);
	xdrspan_borrow(&xdrs, message, sizeof(message), &arena);
	assert_true(borrowed_codec(&xdrs, &b));
	assert_int_equal(b.count, 2);
	assert_int_equal(b.list[0].len, 5);
	assert_ptr_equal(b.list[0].bytes, message + (size_t)2 * WORD_SIZE);
	assert_int_equal(b.list[1].len, 0);
	assert_string_equal(b.more, "xy");
	assert_int_equal(*b.number, 77);
	assert_int_equal(xdr_left(&xdrs), 0);
	for (size_t len = 0; len < sizeof(message); len++) {
		b = (struct borrowed){ 0 };
		xdrspan_borrow(&xdrs, message, len, &arena);
		assert_false(borrowed_codec(&xdrs, &b));
	}
	arena_deinit(&arena);
}

/* With its word and its padding it may have no number of 32 bits. */
static void
a_length_beyond_the_message_is_refused(void **state)
{
	static const uint32_t lengths[] = { 5, 9, UINT32_MAX - 8,
		UINT32_MAX - 3, UINT32_MAX };
	uint8_t message[(size_t)2 * WORD_SIZE] = { 0 };
	struct arena arena = { 0 };
	char *bytes = NULL;
	u_int len;
	XDR xdrs;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		word_put(message, lengths[i]);
		xdrspan_borrow(&xdrs, message, sizeof(message), &arena);
		assert_false(
		    xdr_checked_bytes(&xdrs, &bytes, &len, UINT32_MAX));
		assert_null(bytes);
	}
	arena_deinit(&arena);
}

static void
what_is_borrowed_may_not_be_there(void **state)
{
	uint8_t message[WORD_SIZE] = { 0 };
	struct arena arena = { 0 };
	char *object = (char *)message;
	XDR xdrs;

	(void)state;
	xdrspan_borrow(&xdrs, message, sizeof(message), &arena);
	assert_true(xdr_checked_pointer(
	    &xdrs, &object, sizeof(uint32_t), (xdrproc_t)xdr_u_int32_t));
	assert_null(object);
	arena_deinit(&arena);
}

static void
what_is_longer_than_its_type_is_not_borrowed(void **state)
{
	uint8_t message[WORD_SIZE + 12] = { 0, 0, 0, 9 };
	struct arena arena = { 0 };
	char *bytes = NULL;
	u_int len;
	XDR xdrs;

	(void)state;
	xdrspan_borrow(&xdrs, message, sizeof(message), &arena);
	assert_false(xdr_checked_bytes(&xdrs, &bytes, &len, 8));
	assert_null(bytes);
	xdrspan_borrow(&xdrs, message, sizeof(message), &arena);
	assert_true(xdr_checked_bytes(&xdrs, &bytes, &len, 9));
	assert_ptr_equal(bytes, message + WORD_SIZE);
	arena_deinit(&arena);
}

static void
what_is_not_borrowed_is_the_callers(void **state)
{
	uint8_t message[] = { 0, 0, 0, 1, 0, 0, 0, 9 };
	uint32_t *number = NULL;
	XDR xdrs;

	(void)state;
	xdrspan_create(&xdrs, message, sizeof(message));
	assert_true(xdr_checked_pointer(&xdrs, (char **)&number,
	    sizeof(*number), (xdrproc_t)xdr_u_int32_t));
	assert_int_equal(*number, 9);
	assert_true(xdr_checked_pointer(&freeing, (char **)&number,
	    sizeof(*number), (xdrproc_t)xdr_u_int32_t));
	assert_null(number);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_may_borrow),
		cmocka_unit_test(a_length_beyond_the_message_is_refused),
		cmocka_unit_test(what_is_borrowed_may_not_be_there),
		cmocka_unit_test(what_is_longer_than_its_type_is_not_borrowed),
		cmocka_unit_test(what_is_not_borrowed_is_the_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
