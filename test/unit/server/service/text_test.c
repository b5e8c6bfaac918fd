/* server/service/text: what is done by hand is what rpcgen's code does. */
#include "server/service/text.h"

#include "base/base.h"
#include "rpcloop/wire/word.h"
#include "server/service/program.h"
#include "server/service/service.h"
#include "server/service/serving.h"
#include "test/lib/random.h"
#include "test/lib/remote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

void reverse_prog_1(struct svc_req *request, SVCXPRT *xprt);

enum {
	ROUNDS = 20000, /* and 50 times as many with TEST_FULL */
	HEADER_SIZE = 10 * WORD_SIZE,
	TEXT_MAX = 40,
	ROOM = 1024,
};

/* A service, and a connection to it. */
struct end {
	struct engine engine;
	struct dispatcher dispatcher;
	struct service service;
	struct serving serving;
	struct remote peer;
};

static struct {
	struct settings settings;
	struct end by_hand, generated;
	struct rng random;
} f;

static const struct xprt_program generated[] = {
	{ REVERSE_PROG, REVERSE_V1, reverse_prog_1, .borrows = true },
};

static int
begin(struct end *end, const struct xprt_program *programs)
{
	const struct engine_limits limits = remote_limits();

	dispatcher_init(&end->dispatcher, programs, 1, &end->service);
	if (engine_init(&end->engine, &limits, dispatcher_record,
		&end->dispatcher) != 0 ||
	    service_init(&end->service, &end->engine, &end->dispatcher,
		&f.settings) != 0 ||
	    serving_init(
		&end->serving, &end->service, &end->engine, &f.settings) != 0)
		return -1;
	end->peer = remote_connect(&end->engine, 1);
	return 0;
}

static void
finish(struct end *end)
{
	close(end->peer.fd);
	serving_deinit(&end->serving);
	engine_deinit(&end->engine);
	service_deinit(&end->service);
	dispatcher_deinit(&end->dispatcher);
}

static int
setup(void **state)
{
	static char name[] = "reversed", spool[] = "--spool=/tmp";
	static char *line[] = { name, spool, NULL };
	struct option_error error;

	(void)state;
	f.random = (struct rng){ 1 };
	return settings_read(&f.settings, 2, line, &error) != 0 ||
		begin(&f.by_hand, service_programs) != 0 ||
		begin(&f.generated, generated) != 0
	    ? -1
	    : 0;
}

static int
teardown(void **state)
{
	(void)state;
	finish(&f.by_hand);
	finish(&f.generated);
	settings_free(&f.settings);
	return 0;
}

static uint32_t
below(uint32_t n)
{
	return rng_below(&f.random, n);
}

static uint8_t *
put(uint8_t *at, uint32_t word)
{
	word_put(at, word);
	return at + WORD_SIZE;
}

/* Bytes after their length, which lies now and then. */
static uint8_t *
put_bytes(uint8_t *at, uint32_t len)
{
	at = put(at, below(50) == 0 ? len + below(6) : len);
	rng_fill(&f.random, at, word_padded(len));
	/* Mostly text that may be reversed. */
	for (uint32_t i = 0; i < len && below(4) != 0; i++)
		at[i] &= 0x7f;
	return at + word_padded(len);
}

/* A call of TEXT as it is, nearly as it is, or as nobody would make it. */
static size_t
any_call(uint8_t *record)
{
	static const uint32_t header[] = { 7, 0, 2, REVERSE_PROG, REVERSE_V1,
		REVERSE_TEXT, 0, 0, 0, 0 };
	uint32_t pairs = below(4) == 0 ? below(3) : 0;
	uint8_t *at = record;

	for (size_t i = 0; i < ARRAY_LEN(header); i++)
		at = put(at, header[i]);
	at = put(at, below(8) == 0 ? 60000 : 0);
	at = put(at, pairs);
	for (uint32_t i = 0; i < pairs; i++)
		at = put_bytes(put_bytes(at, below(12)), below(12));
	at = put(at, below(10) == 0 ? (uint32_t)rng_next(&f.random) : below(6));
	at = put_bytes(at, below(TEXT_MAX));
	if (below(20) == 0)
		at = record + HEADER_SIZE +
		    below((uint32_t)(at - record) - HEADER_SIZE + 1);
	if (below(20) == 0)
		at = put(at, 0);
	return (size_t)(at - record);
}

static size_t
reply_to(struct end *end, const uint8_t *record, size_t len, uint8_t *reply)
{
	remote_send_record(&end->peer, record, len);
	remote_run(&end->engine);
	return remote_read_record(&end->peer, reply, ROOM);
}

static void
both_answer_alike(void **state)
{
	int rounds = getenv("TEST_FULL") != NULL ? 50 * ROUNDS : ROUNDS;
	uint8_t record[ROOM], one[ROOM], other[ROOM];
	size_t len, size;

	(void)state;
	for (int i = 0; i < rounds; i++) {
		len = any_call(record);
		size = reply_to(&f.by_hand, record, len, one);
		assert_int_equal(
		    size, reply_to(&f.generated, record, len, other));
		assert_memory_equal(one, other, size);
	}
	assert_int_equal(
	    f.by_hand.service.failures, f.generated.service.failures);
	assert_int_equal(f.by_hand.dispatcher.calls.rejected,
	    f.generated.dispatcher.calls.rejected);
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
	uint8_t record[ROOM], reply[ROOM];
	uint8_t *at = record;

	(void)state;
	f.by_hand.dispatcher.programs = counting;
	any_call(record);
	at = put(put(put(record + HEADER_SIZE, 0), 0), UNIT_GRAPHEME);
	at = put(at, 3);
	memcpy(at, "abc", 4);
	reply_to(&f.by_hand, record, (size_t)(at + 4 - record), reply);
	assert_int_equal(by_rpcgen, 0);
	assert_memory_equal(reply + 8 * WORD_SIZE, "cba", 4);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(both_answer_alike),
		TEST(the_usual_call_is_done_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
