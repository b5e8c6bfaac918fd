/* server/service/packed: it encodes what rpcgen's functions do. */
#include "server/service/packed.h"

#include "base/base.h"
#include "stream/fifo.h"
#include "test/lib/samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	ROOM = 256 * 1024,
	ROUNDS = 2000, /* and 500 times as many, if asked for */
};

static struct samples samples;
static struct fifo fifo;
static message messages[SEGMENT_MAX];
static char packed[ROOM], generated[ROOM];

static uint32_t
below(uint32_t bound)
{
	return samples_below(&samples, bound);
}

static uint64_t
any_number(void)
{
	return (uint64_t)below(UINT32_MAX) << below(32);
}

/* A segment of messages from a fifo, which has had others before. */
static segment
any_segment(void)
{
	u_int before = below(3), count = below(4) == 0 ? 0 : below(40);
	segment piece = { .first = any_number(), .next = any_number() };
	struct fifo_mark mark;
	char bytes[200];
	size_t len;

	fifo_clear(&fifo);
	fifo_init(&fifo, 0, ROOM);
	for (u_int i = 0; i < before + count; i++) {
		len = below(sizeof(bytes));
		memset(bytes, (int)below(256), len);
		assert_int_equal(fifo_put(&fifo, bytes, len), 0);
	}
	mark = fifo_find(&fifo, before);
	for (u_int i = 0; i < count; i++) {
		messages[i].message_val = (char *)fifo_get(&fifo, &mark, &len);
		messages[i].message_len = (u_int)len;
	}
	piece.messages.messages_len = count;
	piece.messages.messages_val = messages;
	piece.last = (bool_t)below(2);
	piece.window = below(UINT32_MAX);
	return piece;
}

static void
fill(char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)below(256);
}

static stream_end
any_end(void)
{
	static char detail[] = "why it ended";
	static metadatum metadata[] = { { { 3, detail }, { 5, detail + 3 } } };

	return (stream_end){
		.why = { .code = (status_code)below(17),
		    .detail = { below(sizeof(detail)), detail },
		    .at_message = any_number() },
		.messages_in = any_number(),
		.bytes_out = any_number(),
		.metadata = { below(2), metadata },
	};
}

/* Encodes one value by both. */
static void
both_encode(xdrproc_t ours, xdrproc_t theirs, void *value)
{
	XDR a, b;

	xdrmem_create(&a, packed, sizeof(packed), XDR_ENCODE);
	xdrmem_create(&b, generated, sizeof(generated), XDR_ENCODE);
	assert_true(ours(&a, value));
	assert_true(theirs(&b, value));
	assert_int_equal(xdr_getpos(&a), xdr_getpos(&b));
	assert_memory_equal(packed, generated, xdr_getpos(&a));
}

static void
compare_results(void)
{
	stream_end end = any_end();
	exchange_result exchanged = { .code = STATUS_OK };
	open_result opened = { .code = STATUS_OK };
	answer a = { .piece = any_segment(), .end = below(2) ? &end : NULL };

	exchanged.exchange_result_u.answered = a;
	opened.open_result_u.started.first_answer = a;
	opened.open_result_u.started.lease_ms = below(UINT32_MAX);
	fill(opened.open_result_u.started.stream, sizeof(token));
	if (below(10) == 0) {
		exchanged.code = opened.code = (status_code)(1 + below(16));
		exchanged.exchange_result_u.why = end.why;
		opened.open_result_u.why = end.why;
	}
	both_encode((xdrproc_t)packed_exchange_result,
	    (xdrproc_t)xdr_exchange_result, &exchanged);
	both_encode(
	    (xdrproc_t)packed_open_result, (xdrproc_t)xdr_open_result, &opened);
}

static void
what_they_encode_is_the_same(void **state)
{
	int rounds = getenv("TEST_FULL") != NULL ? 500 * ROUNDS : ROUNDS;

	(void)state;
	samples_init(&samples, 1);
	for (int i = 0; i < rounds; i++) {
		compare_results();
	}
	fifo_clear(&fifo);
}

static exchange_result
result_of(u_int count)
{
	exchange_result result = { .code = STATUS_OK };
	segment *piece = &result.exchange_result_u.answered.piece;

	piece->messages.messages_len = count;
	piece->messages.messages_val = messages;
	return result;
}

static void
a_segment_has_no_more_than_its_type_allows(void **state)
{
	exchange_result result = result_of(SEGMENT_MAX + 1);
	XDR xdrs;

	(void)state;
	xdrmem_create(&xdrs, packed, sizeof(packed), XDR_ENCODE);
	assert_false(packed_exchange_result(&xdrs, &result));
}

static void
they_do_nothing_but_encode(void **state)
{
	exchange_result result = result_of(0);
	XDR xdrs;

	(void)state;
	memset(packed, 0, sizeof(packed));
	xdrmem_create(&xdrs, packed, sizeof(packed), XDR_DECODE);
	assert_false(packed_exchange_result(&xdrs, &result));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_they_encode_is_the_same),
		cmocka_unit_test(a_segment_has_no_more_than_its_type_allows),
		cmocka_unit_test(they_do_nothing_but_encode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
