/* server/service/text: what is done by hand is what rpcgen's code does. */
#include "server/service/text.h"

#include "rpcloop/wire/word.h"
#include "test/lib/twins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

void reverse_prog_1(struct svc_req *request, SVCXPRT *xprt);

enum {
	ROUNDS = 20000, /* and 50 times as many with TEST_FULL */
	TEXT_MAX = 40,
	ROOM = 1024,
};

/* Bytes after their length, which lies now and then. */
static uint8_t *
put_bytes(uint8_t *at, uint32_t len)
{
	at = twins_put(at, twins_below(50) == 0 ? len + twins_below(6) : len);
	rng_fill(&twins.random, at, word_padded(len));
	/* Mostly text that may be reversed. */
	for (uint32_t i = 0; i < len && twins_below(4) != 0; i++)
		at[i] &= 0x7f;
	return at + word_padded(len);
}

/* A call of TEXT as it is, nearly as it is, or as nobody would make it. */
static size_t
any_call(uint8_t *record)
{
	uint8_t *arguments = twins_header(record, REVERSE_TEXT);
	uint32_t pairs = twins_below(4) == 0 ? twins_below(3) : 0;
	uint8_t *at = twins_put(arguments, twins_below(8) == 0 ? 60000 : 0);

	at = twins_put(at, pairs);
	for (uint32_t i = 0; i < pairs; i++)
		at = put_bytes(put_bytes(at, twins_below(12)), twins_below(12));
	at = twins_put(at,
	    twins_below(10) == 0 ? (uint32_t)rng_next(&twins.random)
				 : twins_below(6));
	at = put_bytes(at, twins_below(TEXT_MAX));
	if (twins_below(20) == 0)
		at = arguments + twins_below((uint32_t)(at - arguments) + 1);
	if (twins_below(20) == 0)
		at = twins_put(at, 0);
	return (size_t)(at - record);
}

static void
both_answer_alike(void **state)
{
	int rounds = getenv("TEST_FULL") != NULL ? 50 * ROUNDS : ROUNDS;
	uint8_t record[ROOM];

	(void)state;
	for (int i = 0; i < rounds; i++) {
		size_t len = any_call(record);

		twins_call(&twins.by_hand, record, len);
		twins_call(&twins.generated, record, len);
		twins_assert_same();
	}
}

/* Not by way of rpcgen's code, which would have freed what it was given. */
static unsigned int by_rpcgen;

static void
count(struct svc_req *request, SVCXPRT *xprt)
{
	if (text_answer(request))
		return;
	by_rpcgen++;
	reverse_prog_1(request, xprt);
}

static void
the_usual_call_is_done_by_hand(void **state)
{
	static const struct xprt_program counting[] = {
		{ REVERSE_PROG, REVERSE_V1, count, .borrows = true },
	};
	uint8_t record[ROOM];
	uint8_t *at = twins_header(record, REVERSE_TEXT);

	(void)state;
	twins.by_hand.dispatcher.programs = counting;
	at = twins_put(twins_put(twins_put(at, 0), 0), UNIT_GRAPHEME);
	at = twins_put(at, 3);
	memcpy(at, "abc", 4);
	twins_call(&twins.by_hand, record, (size_t)(at + 4 - record));
	assert_int_equal(by_rpcgen, 0);
	assert_memory_equal(twins.by_hand.reply + 8 * WORD_SIZE, "cba", 4);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, twins_setup, twins_teardown)
	const struct CMUnitTest tests[] = {
		TEST(both_answer_alike),
		TEST(the_usual_call_is_done_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
