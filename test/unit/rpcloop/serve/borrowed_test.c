/* Arguments that are borrowed, and those that are not: rpcloop/serve. */
#include "base/base.h"
#include "rpcloop/wire/checked.h"
#include "rpcloop/wire/xdr.h"
#include "test/lib/callee.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	PROGRAM = 0x20000001,
	BORROWS = 1, /* the versions of the program */
	COPIES = 2,
	HEAD = 10, /* words of a call before its arguments */
};

/* A list of texts. */
struct text {
	u_int len;
	char *bytes;
};

struct texts {
	u_int count;
	struct text *list;
};

static struct {
	struct callee callee;
	unsigned int run;          /* procedures that ran */
	const void *list, *second; /* where they found what */
	char seen[8];
} f;

static bool_t
xdr_text(XDR *xdrs, struct text *text)
{
	return xdr_checked_bytes(xdrs, &text->bytes, &text->len, 100);
}

static bool_t
xdr_texts(XDR *xdrs, struct texts *texts)
{
	return xdr_checked_array(xdrs, (char **)&texts->list, &texts->count, 10,
	    sizeof(*texts->list), (xdrproc_t)xdr_text);
}

/* As rpcgen would write it. */
static void
dispatch(struct svc_req *request, SVCXPRT *xprt)
{
	struct texts texts = { 0 };

	(void)request;
	if (!svc_getargs(xprt, (xdrproc_t)xdr_texts, (char *)&texts)) {
		svcerr_decode(xprt);
		return;
	}
	f.run++;
	f.list = texts.list;
	f.second = texts.list[1].bytes;
	memcpy(f.seen, texts.list[1].bytes, texts.list[1].len);
	svc_sendreply(xprt, (xdrproc_t)xdr_void_value, NULL);
	assert_true(svc_freeargs(xprt, (xdrproc_t)xdr_texts, (char *)&texts));
}

static const struct xprt_program programs[] = {
	{ PROGRAM, BORROWS, dispatch, true },
	{ PROGRAM, COPIES, dispatch, false },
};

static int
setup(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	return callee_start(&f.callee, programs, ARRAY_LEN(programs));
}

static int
teardown(void **state)
{
	(void)state;
	callee_stop(&f.callee);
	return 0;
}

/* Two texts, "abcd" and "efg". */
static uint32_t words[] = { 1, 0, 2, PROGRAM, 0, 1, 0, 0, 0, 0, 2, 4,
	0x61626364, 3, 0x65666700 };

/* A call with the first len bytes of these; leaves it in record. */
static void
send_call(uint32_t version, uint32_t *record, size_t len)
{
	for (size_t i = 0; i < len / sizeof(*record); i++)
		record[i] = htonl(words[i]);
	record[4] = htonl(version);
	callee_take(&f.callee, "192.0.2.1", 700, record, len);
}

static void
they_lie_in_the_record(void **state)
{
	uint32_t record[ARRAY_LEN(words)];

	(void)state;
	send_call(BORROWS, record, sizeof(record));
	assert_int_equal(f.run, 1);
	assert_string_equal(f.seen, "efg");
	assert_ptr_equal(f.second, &record[ARRAY_LEN(words) - 1]);
}

/* An array needs memory: the same for each call. */
static void
a_list_has_its_place(void **state)
{
	uint32_t record[ARRAY_LEN(words)];
	const void *list;

	(void)state;
	send_call(BORROWS, record, sizeof(record));
	list = f.list;
	for (int i = 0; i < 10; i++)
		send_call(BORROWS, record, sizeof(record));
	assert_int_equal(f.run, 11);
	if (!BASE_IS_WATCHED)
		assert_ptr_equal(f.list, list);
}

/* Whoever has kept a pointer finds something else. */
static void
a_record_that_is_over_is_overwritten_if_watched(void **state)
{
	uint32_t record[ARRAY_LEN(words)];
	const uint8_t *second;

	(void)state;
	send_call(BORROWS, record, sizeof(record));
	second = f.second;
	assert_int_equal(second[0], BASE_IS_WATCHED ? 0xa5 : 'e');
}

static void
others_have_copies(void **state)
{
	uint32_t record[ARRAY_LEN(words)];
	const uint8_t *second;

	(void)state;
	send_call(COPIES, record, sizeof(record));
	assert_int_equal(f.run, 1);
	assert_string_equal(f.seen, "efg");
	second = f.second;
	assert_false(second >= (uint8_t *)record &&
	    second < (uint8_t *)record + sizeof(record));
}

/* Under the address sanitizer this also shows that what was decoded in part is
 * freed, or is not. */
static void
arguments_that_end_early_are_refused(void **state)
{
	uint32_t record[ARRAY_LEN(words)];

	(void)state;
	for (size_t len = HEAD * 4; len < sizeof(record); len += 4) {
		send_call(BORROWS, record, len);
		send_call(COPIES, record, len);
	}
	assert_int_equal(f.run, 0);
	assert_int_equal(
	    f.callee.dispatcher.calls.rejected, 2 * (ARRAY_LEN(words) - HEAD));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(they_lie_in_the_record),
		TEST(a_list_has_its_place),
		TEST(a_record_that_is_over_is_overwritten_if_watched),
		TEST(others_have_copies),
		TEST(arguments_that_end_early_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
