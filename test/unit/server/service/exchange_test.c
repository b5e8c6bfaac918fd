/* server/service/exchange: what is done by hand is what rpcgen's code does. */
#include "server/service/exchange.h"

#include "base/base.h"
#include "rpcloop/wire/word.h"
#include "test/lib/twins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	ROUNDS = 300, /* streams, and 50 times as many with TEST_FULL */
	CALLS = 40,
	TOKEN_SIZE = 16,
	REPLY_HEADER = 6 * WORD_SIZE,
	WINDOW = 1000,
	ROOM = 2048,
};

/* What a client of a stream knows. */
static struct {
	uint8_t opened[2][TOKEN_SIZE]; /* at either of the twins */
	uint8_t tokens[2][TOKEN_SIZE]; /* that are used; mostly those */
	uint64_t sent, heard;
} stream;

static uint8_t *
put_wide(uint8_t *at, uint64_t number)
{
	return twins_put(
	    twins_put(at, (uint32_t)(number >> 32)), (uint32_t)number);
}

/* Messages, after how many they are. */
static uint8_t *
put_messages(uint8_t *at, uint32_t count)
{
	at = twins_put(
	    at, twins_below(60) == 0 ? count + twins_below(3) : count);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t len = twins_below(30);

		at = twins_put(
		    at, twins_below(60) == 0 ? len + twins_below(9) : len);
		rng_fill(&twins.random, at, word_padded(len));
		at += word_padded(len);
	}
	return at;
}

static uint64_t
near(uint64_t number)
{
	return twins_below(30) == 0 ? number + twins_below(3) - 1 : number;
}

static void
open_stream(struct twin *twin, uint8_t token[TOKEN_SIZE], uint32_t method)
{
	uint8_t record[ROOM];
	uint8_t *at = twins_header(record, REVERSE_OPEN);

	at = twins_put(twins_put(at, 0), 0);
	memset(at, 0, TOKEN_SIZE); /* no nonce */
	at = twins_put(twins_put(at + TOKEN_SIZE, method), UNIT_BYTE);
	at = twins_put(twins_put(at, 0), 0);
	at = put_wide(twins_put(twins_put(put_wide(at, 0), 0), FALSE), 0);
	at = twins_put(twins_put(at, WINDOW), 0);
	twins_call(twin, record, (size_t)(at - record));
	assert_int_equal(word_get(twin->reply + REPLY_HEADER), STATUS_OK);
	memcpy(token, twin->reply + REPLY_HEADER + WORD_SIZE, TOKEN_SIZE);
}

/* What follows the token: a piece as it should be, or nearly, or cut.  It does
 * not wait, since nothing would end that. */
static uint8_t *
put_piece(uint8_t *at)
{
	uint32_t count = twins_below(4);
	const uint8_t *start = at;

	at = put_messages(put_wide(at, near(stream.sent)), count);
	at = twins_put(at, twins_below(20) == 0 ? twins_below(3) : FALSE);
	at = put_wide(at, near(stream.heard));
	at = twins_put(twins_put(at, twins_below(10) == 0 ? 0 : WINDOW), 0);
	at = twins_put(at, twins_below(3));
	if (twins_below(50) == 0)
		at -= twins_below((uint32_t)(at - start));
	if (twins_below(50) == 0)
		at = twins_put(at, 0);
	return at;
}

/* Keeps to what the server has said of the numbers. */
static void
hear(const struct twin *twin)
{
	const uint8_t *at = twin->reply + REPLY_HEADER;
	uint32_t count;

	if (twin->size < REPLY_HEADER + 7 * WORD_SIZE || word_get(at) != 0)
		return;
	stream.heard = word_get(at + 2 * WORD_SIZE);
	count = word_get(at + 3 * WORD_SIZE);
	at += 4 * WORD_SIZE;
	for (uint32_t i = 0; i < count; i++, stream.heard++)
		at += WORD_SIZE + word_padded(word_get(at));
	stream.sent = word_get(at + 2 * WORD_SIZE);
}

static void
exchange_with_both(void)
{
	uint8_t record[ROOM];
	uint8_t *token = twins_header(record, REVERSE_EXCHANGE);
	size_t len = (size_t)(put_piece(token + TOKEN_SIZE) - record);

	if (twins_below(100) == 0)
		rng_fill(&twins.random, stream.tokens, sizeof(stream.tokens));
	memcpy(token, stream.tokens[0], TOKEN_SIZE);
	twins_call(&twins.by_hand, record, len);
	memcpy(token, stream.tokens[1], TOKEN_SIZE);
	twins_call(&twins.generated, record, len);
	twins_assert_same();
	hear(&twins.by_hand);
}

static void
cancel(struct twin *twin, const uint8_t token[TOKEN_SIZE])
{
	uint8_t record[ROOM];
	uint8_t *at = twins_header(record, REVERSE_CANCEL);

	memcpy(at, token, TOKEN_SIZE);
	twins_call(twin, record, (size_t)(at - record) + TOKEN_SIZE);
}

static void
both_answer_alike(void **state)
{
	static const uint32_t methods[] = { METHOD_EACH, METHOD_COLLECT,
		METHOD_SPELL, METHOD_WHOLE };
	int rounds = getenv("TEST_FULL") != NULL ? 50 * ROUNDS : ROUNDS;

	(void)state;
	for (int i = 0; i < rounds; i++) {
		uint32_t method = methods[twins_below(ARRAY_LEN(methods))];

		memset(&stream, 0, sizeof(stream));
		open_stream(&twins.by_hand, stream.opened[0], method);
		open_stream(&twins.generated, stream.opened[1], method);
		memcpy(stream.tokens, stream.opened, sizeof(stream.tokens));
		for (uint32_t calls = twins_below(CALLS); calls > 0; calls--)
			exchange_with_both();
		cancel(&twins.by_hand, stream.opened[0]);
		cancel(&twins.generated, stream.opened[1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    both_answer_alike, twins_setup, twins_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
