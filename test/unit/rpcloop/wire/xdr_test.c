/* The stream that decodes a message, of rpcloop/wire/xdr. */
#include "rpcloop/wire/xdr.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t message[] = {
	0x00, 0x00, 0x00, 0x07,                         /* a word */
	0xff, 0xff, 0xff, 0xfe,                         /* one with a sign */
	0x00, 0x00, 0x00, 0x01, 0x80, 0x00, 0x00, 0x02, /* a hyper */
	0x61, 0x62, 0x63, 0x00,                         /* opaque[3] */
};

static void
check_message(XDR *xdrs)
{
	int64_t hyper = 0;
	char opaque[3];
	u_int word = 0;
	int sign = 0;

	assert_int_equal(xdr_left(xdrs), sizeof(message));
	assert_true(xdr_u_int(xdrs, &word));
	assert_int_equal(word, 7);
	assert_true(xdr_int(xdrs, &sign));
	assert_int_equal(sign, -2);
	assert_true(xdr_int64_t(xdrs, &hyper));
	assert_true(hyper == 0x180000002);
	assert_int_equal(xdr_left(xdrs), 4);
	assert_true(xdr_opaque(xdrs, opaque, sizeof(opaque)));
	assert_memory_equal(opaque, "abc", sizeof(opaque));
	assert_int_equal(xdr_left(xdrs), 0);
	assert_int_equal(xdr_getpos(xdrs), sizeof(message));
	xdr_destroy(xdrs);
}

static void
a_message_is_read_at_any_address(void **state)
{
	(void)state;
	for (size_t shift = 0; shift < 8; shift++) {
		/* Not a byte more: sanitizers see what is read beyond. */
		uint8_t *room = malloc(shift + sizeof(message));
		XDR xdrs;

		assert_non_null(room);
		memcpy(room + shift, message, sizeof(message));
		xdrspan_create(&xdrs, room + shift, sizeof(message));
		check_message(&xdrs);
		free(room);
	}
}

/* xdr_long() shows the stream's own idea of it. */
static void
a_word_has_no_sign_as_in_streams_of_libtirpc(void **state)
{
	char sign[4] = { '\xff', '\xff', '\xff', '\xfe' };
	long got = 0, wanted = 0;
	XDR xdrs;

	(void)state;
	xdrmem_create(&xdrs, sign, sizeof(sign), XDR_DECODE);
	assert_true(xdr_long(&xdrs, &wanted));
	xdrspan_create(&xdrs, (uint8_t *)sign, sizeof(sign));
	assert_true(xdr_long(&xdrs, &got));
	assert_true(got == wanted);
}

static void
nothing_is_read_beyond_its_end(void **state)
{
	(void)state;
	for (u_int len = 0; len < 4; len++) {
		char bytes[4];
		u_int word;
		XDR xdrs;

		xdrspan_create(&xdrs, message, len);
		assert_false(xdr_u_int(&xdrs, &word));
		assert_false(xdr_getbytes(&xdrs, bytes, len + 1));
		assert_false(xdr_getbytes(&xdrs, bytes, UINT_MAX));
		assert_null(xdr_inline(&xdrs, 4));
		assert_int_equal(xdr_left(&xdrs), len);
		assert_true(xdr_getbytes(&xdrs, bytes, len));
		assert_memory_equal(bytes, message, len);
		assert_int_equal(xdr_left(&xdrs), 0);
	}
}

static void
it_goes_to_any_position_of_the_message(void **state)
{
	u_int word;
	XDR xdrs;

	(void)state;
	xdrspan_create(&xdrs, message, sizeof(message));
	assert_true(xdr_setpos(&xdrs, sizeof(message)));
	assert_int_equal(xdr_left(&xdrs), 0);
	assert_false(xdr_setpos(&xdrs, sizeof(message) + 1));
	assert_true(xdr_setpos(&xdrs, 0));
	assert_int_equal(xdr_getpos(&xdrs), 0);
	assert_true(xdr_u_int(&xdrs, &word));
	assert_int_equal(word, 7);
	assert_int_equal(xdr_left(&xdrs), sizeof(message) - 4);
}

static void
whole_words_are_lent_and_others_are_not(void **state)
{
	static const uint32_t words[3];
	const uint8_t *bytes = (const uint8_t *)words;
	XDR xdrs;

	(void)state;
	xdrspan_create(&xdrs, bytes, sizeof(words));
	assert_ptr_equal(xdr_inline(&xdrs, 8), bytes);
	assert_int_equal(xdr_left(&xdrs), 4);
	xdrspan_create(&xdrs, bytes + 1, sizeof(words) - 1);
	assert_null(xdr_inline(&xdrs, 8));
	assert_int_equal(xdr_left(&xdrs), sizeof(words) - 1);
}

static void
it_does_not_write(void **state)
{
	long word = 1;
	XDR xdrs;

	(void)state;
	xdrspan_create(&xdrs, message, sizeof(message));
	assert_false(xdr_putlong(&xdrs, &word));
	assert_false(xdr_putbytes(&xdrs, "abcd", 4));
	assert_int_equal(xdr_left(&xdrs), sizeof(message));
}

static void
other_streams_do_not_tell_what_is_left(void **state)
{
	char bytes[8] = { 0 };
	XDR xdrs;

	(void)state;
	xdrmem_create(&xdrs, bytes, sizeof(bytes), XDR_DECODE);
	assert_int_equal(xdr_left(&xdrs), UINT_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_read_at_any_address),
		cmocka_unit_test(a_word_has_no_sign_as_in_streams_of_libtirpc),
		cmocka_unit_test(nothing_is_read_beyond_its_end),
		cmocka_unit_test(it_goes_to_any_position_of_the_message),
		cmocka_unit_test(whole_words_are_lent_and_others_are_not),
		cmocka_unit_test(it_does_not_write),
		cmocka_unit_test(other_streams_do_not_tell_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
