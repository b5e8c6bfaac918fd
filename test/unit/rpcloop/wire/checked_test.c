/* The types of variable length of rpcloop/wire/checked. */
#include "rpcloop/wire/checked.h"

#include "base/base.h"
#include "rpcloop/wire/word.h"
#include "rpcloop/wire/xdr.h"

#include <limits.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	LARGE = 256 << 20, /* that it was asked for can be seen */
	SLACK = 16 << 20,
	MANY = 40,
};

/* What xdr_free() has for a stream. */
static XDR freeing = { .x_op = XDR_FREE };

/* Bytes of address space that this process had at most. */
static size_t
peak(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	unsigned long kib = 0;
	char line[256];

	assert_non_null(status);
	while (fgets(line, sizeof(line), status) != NULL &&
	    sscanf(line, "VmPeak: %lu", &kib) != 1)
		continue;
	fclose(status);
	assert_true(kib > 0);
	return kib << 10;
}

/* A message that claims a length, and has some bytes after it. */
struct claim {
	uint8_t bytes[256];
	XDR xdrs;
};

static XDR *
claim(struct claim *c, u_int length, u_int left)
{
	assert_true(WORD_SIZE + left <= sizeof(c->bytes));
	*c = (struct claim){ 0 };
	word_put(c->bytes, length);
	xdrspan_create(&c->xdrs, c->bytes, WORD_SIZE + left);
	return &c->xdrs;
}

static void
bytes_have_to_be_there(void **state)
{
	size_t before = peak();
	char *bytes = NULL;
	struct claim c;
	u_int len;

	(void)state;
	assert_false(
	    xdr_checked_bytes(claim(&c, LARGE, 100), &bytes, &len, UINT_MAX));
	assert_false(
	    xdr_checked_bytes(claim(&c, 101, 100), &bytes, &len, UINT_MAX));
	assert_null(bytes);
	assert_true(peak() < before + SLACK);
	assert_true(
	    xdr_checked_bytes(claim(&c, 100, 100), &bytes, &len, UINT_MAX));
	assert_int_equal(len, 100);
	assert_int_equal(xdr_left(&c.xdrs), 0);
	assert_true(xdr_checked_bytes(&freeing, &bytes, &len, 0));
	assert_null(bytes);
}

static void
a_string_has_to_be_there(void **state)
{
	static const u_int claims[] = { LARGE, 101, UINT_MAX, UINT_MAX - 1 };
	size_t before = peak();
	char *string = NULL;
	struct claim c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(claims); i++) {
		assert_false(xdr_checked_string(
		    claim(&c, claims[i], 100), &string, UINT_MAX));
		assert_null(string);
	}
	assert_true(peak() < before + SLACK);
	claim(&c, 104, 104);
	memset(c.bytes + WORD_SIZE, 'x', 104);
	assert_true(xdr_checked_string(&c.xdrs, &string, UINT_MAX));
	assert_int_equal(strlen(string), 104);
	assert_true(malloc_usable_size(string) > 104);
	assert_true(xdr_checked_string(&freeing, &string, 0));
	assert_null(string);
}

/* Whose padding is missing is refused as well, and what was made is freed. */
static void
padding_has_to_be_there(void **state)
{
	char *bytes = NULL;
	struct claim c;
	u_int len;

	(void)state;
	assert_false(
	    xdr_checked_bytes(claim(&c, 5, 7), &bytes, &len, UINT_MAX));
	assert_null(bytes);
	assert_false(xdr_checked_string(claim(&c, 5, 7), &bytes, UINT_MAX));
	assert_null(bytes);
}

static bool_t
all_ones(XDR *xdrs, long *word)
{
	(void)xdrs;
	*word = UINT_MAX;
	return TRUE;
}

static bool_t
never_asked(XDR *xdrs, char *bytes, u_int len)
{
	(void)xdrs;
	fail_msg("%u bytes are asked for at %p", len, (void *)bytes);
	return FALSE;
}

/* With its NUL it would have no bytes where size_t has 32 bits. */
static void
the_longest_string_is_refused_by_any_stream(void **state)
{
	static const struct xdr_ops endless = {
		.x_getlong = all_ones,
		.x_getbytes = never_asked,
	};
	XDR xdrs = { .x_op = XDR_DECODE, .x_ops = &endless };
	char *string = NULL;

	(void)state;
	assert_false(xdr_checked_string(&xdrs, &string, UINT_MAX));
	assert_null(string);
}

static unsigned int elements;

static bool_t
count_word(XDR *xdrs, u_int *word)
{
	elements++;
	return xdr_u_int(xdrs, word);
}

static bool_t
count_nothing(XDR *xdrs, void *element)
{
	(void)xdrs;
	(void)element;
	elements++;
	return TRUE;
}

/* Whether an array of elements of this size in memory is taken; frees it. */
static bool_t
takes_array(XDR *xdrs, u_int size, xdrproc_t element)
{
	char *array = NULL;
	u_int count = 0;
	bool_t good;

	elements = 0;
	good = xdr_checked_array(xdrs, &array, &count, UINT_MAX, size, element);
	assert_true(good == (array != NULL));
	free(array);
	return good;
}

/* Each counts a word, whatever its size in memory is. */
static void
elements_have_to_be_there(void **state)
{
	xdrproc_t word = (xdrproc_t)count_word;
	size_t before = peak();
	struct claim c;

	(void)state;
	assert_false(takes_array(claim(&c, 26, 103), LARGE / 26, word));
	assert_false(takes_array(claim(&c, LARGE / 4, 103), 4, word));
	assert_false(takes_array(claim(&c, 0x40000001, 103), 4, word));
	assert_int_equal(elements, 0);
	assert_true(peak() < before + SLACK);
	assert_true(takes_array(claim(&c, 25, 103), 4, word));
	assert_int_equal(elements, 25);
	assert_int_equal(xdr_left(&c.xdrs), 3);
}

/* A loop over them would be as long as a length may claim. */
static void
elements_of_no_bytes_are_as_few_as_words_are_left(void **state)
{
	xdrproc_t nothing = (xdrproc_t)count_nothing;
	struct claim c;

	(void)state;
	assert_false(takes_array(claim(&c, UINT_MAX, 100), 0, nothing));
	assert_false(takes_array(claim(&c, 1, 0), 1, nothing));
	assert_false(takes_array(claim(&c, 26, 100), 1, nothing));
	assert_int_equal(elements, 0);
	assert_true(takes_array(claim(&c, 25, 100), 1, nothing));
	assert_int_equal(elements, 25);
}

static bool_t
a_string(XDR *xdrs, char **string)
{
	return xdr_checked_string(xdrs, string, 100);
}

/* The third of four claims more than there is: all that was made is freed. */
static void
an_array_that_fails_can_be_freed(void **state)
{
	char *array = NULL;
	struct claim c;
	u_int count;

	(void)state;
	claim(&c, 4, 20);
	word_put(c.bytes + 4, 3);
	word_put(c.bytes + 12, 0);
	word_put(c.bytes + 16, 5);
	assert_false(xdr_checked_array(
	    &c.xdrs, &array, &count, 4, sizeof(char *), (xdrproc_t)a_string));
	assert_int_equal(count, 4);
	assert_non_null(array);
	/* And once more, though it still counts four. */
	for (int i = 0; i < 2; i++) {
		assert_true(xdr_checked_array(&freeing, &array, &count, 4,
		    sizeof(char *), (xdrproc_t)a_string));
		assert_null(array);
	}
}

static void
what_is_longer_than_its_type_is_refused(void **state)
{
	char *memory = NULL;
	struct claim c;
	u_int len;

	(void)state;
	assert_false(xdr_checked_bytes(claim(&c, 9, 100), &memory, &len, 8));
	assert_true(xdr_checked_bytes(claim(&c, 8, 100), &memory, &len, 8));
	free(memory);
	memory = NULL;
	assert_false(xdr_checked_string(claim(&c, 9, 100), &memory, 8));
	assert_true(xdr_checked_string(claim(&c, 8, 100), &memory, 8));
	free(memory);
	memory = NULL;
	assert_false(xdr_checked_array(
	    claim(&c, 9, 100), &memory, &len, 8, 4, (xdrproc_t)xdr_u_int));
	assert_null(memory);
	assert_true(xdr_checked_array(
	    claim(&c, 8, 100), &memory, &len, 8, 4, (xdrproc_t)xdr_u_int));
	free(memory);
}

/* As libtirpc has it: what the caller has made is used, and stays his. */
static void
the_room_of_the_caller_is_used(void **state)
{
	char room[16] = "untouched", *memory = room;
	struct claim c;
	u_int len;

	(void)state;
	assert_true(xdr_checked_bytes(claim(&c, 3, 4), &memory, &len, 16));
	assert_memory_equal(room, "\0\0\0ouched", 9);
	assert_false(xdr_checked_bytes(claim(&c, 3, 3), &memory, &len, 16));
	assert_ptr_equal(memory, room);
	assert_true(xdr_checked_string(claim(&c, 4, 4), &memory, 16));
	assert_memory_equal(room, "\0\0\0\0\0ched", 9);
	assert_true(xdr_checked_array(
	    claim(&c, 2, 8), &memory, &len, 2, 4, (xdrproc_t)xdr_u_int));
	assert_memory_equal(room, "\0\0\0\0\0\0\0\0d", 9);
	assert_ptr_equal(memory, room);
}

static void
nothing_takes_no_memory(void **state)
{
	char *memory = NULL;
	struct claim c;
	u_int len = 1;

	(void)state;
	assert_true(xdr_checked_bytes(claim(&c, 0, 0), &memory, &len, 8));
	assert_null(memory);
	assert_int_equal(len, 0);
	assert_true(xdr_checked_array(
	    claim(&c, 0, 0), &memory, &len, 8, 4, (xdrproc_t)xdr_u_int));
	assert_null(memory);
	/* But a string has its NUL. */
	assert_true(xdr_checked_string(claim(&c, 0, 0), &memory, 8));
	assert_string_equal(memory, "");
	free(memory);
}

/* Two of each type; what is to be read has room of its own. */
struct things {
	char *bytes, *string, *words;
	u_int bytes_len, words_len;
};

static bool_t
ours(XDR *xdrs, struct things *t)
{
	return xdr_checked_bytes(xdrs, &t->bytes, &t->bytes_len, MANY) &&
	    xdr_checked_string(xdrs, &t->string, MANY) &&
	    xdr_checked_array(xdrs, &t->words, &t->words_len, MANY,
		sizeof(u_int), (xdrproc_t)xdr_u_int);
}

static bool_t
theirs(XDR *xdrs, struct things *t)
{
	return xdr_bytes(xdrs, &t->bytes, &t->bytes_len, MANY) &&
	    xdr_string(xdrs, &t->string, MANY) &&
	    xdr_array(xdrs, &t->words, &t->words_len, MANY, sizeof(u_int),
		(xdrproc_t)xdr_u_int);
}

static u_int some_words[MANY] = { 1, 2, 0xfffffffe };
static char some_string[] = "some string";

static struct things
some_things(u_int len)
{
	return (struct things){ .bytes = some_string,
		.bytes_len = len % sizeof(some_string),
		.string = some_string + sizeof(some_string) - 1 -
		    len % sizeof(some_string),
		.words = (char *)some_words,
		.words_len = len };
}

static void
check_things(struct things *got, u_int len)
{
	struct things wanted = some_things(len);

	assert_int_equal(got->bytes_len, wanted.bytes_len);
	if (wanted.bytes_len > 0)
		assert_memory_equal(got->bytes, wanted.bytes, wanted.bytes_len);
	assert_string_equal(got->string, wanted.string);
	assert_int_equal(got->words_len, len);
	if (len > 0)
		assert_memory_equal(
		    got->words, wanted.words, len * sizeof(u_int));
	xdr_free((xdrproc_t)ours, got);
	assert_true(
	    got->bytes == NULL && got->string == NULL && got->words == NULL);
}

static void
they_are_encoded_as_by_libtirpc(void **state)
{
	(void)state;
	for (u_int len = 0; len <= MANY; len++) {
		char wanted[512] = "", got[512] = "";
		struct things t = some_things(len);
		XDR xdrs;

		xdrmem_create(&xdrs, wanted, sizeof(wanted), XDR_ENCODE);
		assert_true(theirs(&xdrs, &t));
		xdrmem_create(&xdrs, got, sizeof(got), XDR_ENCODE);
		assert_true(ours(&xdrs, &t));
		assert_memory_equal(got, wanted, sizeof(got));
	}
}

static void
what_is_too_long_is_not_encoded(void **state)
{
	char out[512], *string = some_string, *none = NULL;
	u_int len = 9;
	XDR xdrs;

	(void)state;
	xdrmem_create(&xdrs, out, sizeof(out), XDR_ENCODE);
	assert_false(xdr_checked_bytes(&xdrs, &string, &len, 8));
	assert_false(xdr_checked_string(&xdrs, &string, 8));
	assert_false(xdr_checked_array(
	    &xdrs, &string, &len, 8, 1, (xdrproc_t)count_nothing));
	assert_false(xdr_checked_string(&xdrs, &none, 8));
	assert_false(xdr_checked_array(
	    &xdrs, &none, &len, 9, 1, (xdrproc_t)count_nothing));
}

static void
what_is_too_long_is_not_put_into_a_buffer(void **state)
{
	char *bytes = some_string;
	u_int len = 9;
	struct buffer out;
	XDR xdrs;

	(void)state;
	buffer_init(&out, 1000);
	xdrbuf_create(&xdrs, &out);
	assert_false(xdr_checked_bytes(&xdrs, &bytes, &len, 8));
	assert_int_equal(buffer_len(&out), 0);
	assert_true(xdr_checked_bytes(&xdrs, &bytes, &len, 9));
	assert_int_equal(buffer_len(&out), 16);
	/* There is room by now. */
	assert_false(xdr_checked_bytes(&xdrs, &bytes, &len, 8));
	assert_int_equal(buffer_len(&out), 16);
	buffer_deinit(&out);
}

/* Into memory of that many bytes, which are not zero, or into more. */
static void
check_put(u_int len, size_t room, const char *wanted, size_t size)
{
	char *bytes = some_string;
	uint8_t memory[64];
	struct buffer out;
	XDR xdrs;

	memset(memory, 0xff, sizeof(memory));
	buffer_init(&out, 1000);
	buffer_lend(&out, memory, room);
	xdrbuf_create(&xdrs, &out);
	assert_true(xdr_checked_bytes(&xdrs, &bytes, &len, 9));
	assert_int_equal(buffer_len(&out), size);
	assert_memory_equal(buffer_head(&out), wanted, size);
	assert_int_equal(memory[room], 0xff);
	assert_int_equal(out.lent, room == size);
	buffer_deinit(&out);
}

static void
they_are_put_alike_whether_there_is_room_or_not(void **state)
{
	char wanted[64], *bytes = some_string;
	size_t size;
	XDR xdrs;

	(void)state;
	for (u_int len = 0; len <= 9; len++) {
		xdrmem_create(&xdrs, wanted, sizeof(wanted), XDR_ENCODE);
		assert_true(xdr_bytes(&xdrs, &bytes, &len, 9));
		size = xdr_getpos(&xdrs);
		check_put(len, size, wanted, size);
		check_put(len, size - 1, wanted, size);
	}
}

/* In memory; len is that of the message. */
static void
check_decoding(char *message, u_int message_len, u_int len)
{
	struct things t = { 0 };
	XDR xdrs;

	xdrmem_create(&xdrs, message, message_len, XDR_DECODE);
	assert_true(ours(&xdrs, &t));
	check_things(&t, len);
	xdrspan_create(&xdrs, (uint8_t *)message, message_len);
	assert_true(ours(&xdrs, &t));
	assert_int_equal(xdr_left(&xdrs), 0);
	check_things(&t, len);
	for (u_int cut = 0; cut < message_len; cut++) {
		xdrspan_create(&xdrs, (uint8_t *)message, cut);
		assert_false(ours(&xdrs, &t));
		xdr_free((xdrproc_t)ours, &t);
	}
}

static void
they_are_decoded_from_streams_in_memory(void **state)
{
	(void)state;
	for (u_int len = 0; len <= MANY; len++) {
		struct things t = some_things(len);
		char message[512];
		XDR xdrs;

		xdrmem_create(&xdrs, message, sizeof(message), XDR_ENCODE);
		assert_true(theirs(&xdrs, &t));
		check_decoding(message, xdr_getpos(&xdrs), len);
	}
}

/* The wire of a stream of records. */
struct wire {
	char bytes[2048];
	int len, at;
};

static int
write_wire(void *arg, void *bytes, int len)
{
	struct wire *w = arg;

	assert_true(w->len + len <= (int)sizeof(w->bytes));
	memcpy(w->bytes + w->len, bytes, (size_t)len);
	w->len += len;
	return len;
}

static int
read_wire(void *arg, void *bytes, int len)
{
	struct wire *w = arg;
	int some = MIN_OF(len, w->len - w->at);

	if (some == 0)
		return -1;
	memcpy(bytes, w->bytes + w->at, (size_t)some);
	w->at += some;
	return some;
}

/* As the client's does over TCP; in fragments of its smallest buffer. */
static void
they_are_decoded_from_a_stream_of_records(void **state)
{
	struct things t = some_things(MANY);
	struct wire w = { .len = 0 };
	XDR xdrs;

	(void)state;
	xdrrec_create(&xdrs, 100, 100, &w, read_wire, write_wire);
	xdrs.x_op = XDR_ENCODE;
	for (int i = 0; i < 3; i++)
		assert_true(ours(&xdrs, &t));
	assert_true(xdrrec_endofrecord(&xdrs, TRUE));
	xdrs.x_op = XDR_DECODE;
	assert_true(xdrrec_skiprecord(&xdrs));
	for (int i = 0; i < 3; i++) {
		t = (struct things){ 0 };
		assert_true(ours(&xdrs, &t));
		check_things(&t, MANY);
	}
	assert_false(ours(&xdrs, &t));
	xdr_free((xdrproc_t)ours, &t);
	xdr_destroy(&xdrs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_have_to_be_there),
		cmocka_unit_test(a_string_has_to_be_there),
		cmocka_unit_test(padding_has_to_be_there),
		cmocka_unit_test(the_longest_string_is_refused_by_any_stream),
		cmocka_unit_test(elements_have_to_be_there),
		cmocka_unit_test(
		    elements_of_no_bytes_are_as_few_as_words_are_left),
		cmocka_unit_test(an_array_that_fails_can_be_freed),
		cmocka_unit_test(what_is_longer_than_its_type_is_refused),
		cmocka_unit_test(the_room_of_the_caller_is_used),
		cmocka_unit_test(nothing_takes_no_memory),
		cmocka_unit_test(they_are_encoded_as_by_libtirpc),
		cmocka_unit_test(what_is_too_long_is_not_encoded),
		cmocka_unit_test(what_is_too_long_is_not_put_into_a_buffer),
		cmocka_unit_test(
		    they_are_put_alike_whether_there_is_room_or_not),
		cmocka_unit_test(they_are_decoded_from_streams_in_memory),
		cmocka_unit_test(they_are_decoded_from_a_stream_of_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
