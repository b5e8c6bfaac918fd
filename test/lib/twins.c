#include "test/lib/twins.h"

#include "base/base.h"
#include "rpcloop/wire/word.h"
#include "server/service/program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

void reverse_prog_1(struct svc_req *request, SVCXPRT *xprt);

struct twins twins;

static const struct xprt_program generated[] = {
	{ REVERSE_PROG, REVERSE_V1, reverse_prog_1, .borrows = true },
};

static int
begin(struct twin *twin, const struct xprt_program *programs)
{
	const struct engine_limits limits = remote_limits();

	dispatcher_init(&twin->dispatcher, programs, 1, &twin->service);
	if (engine_init(&twin->engine, &limits, dispatcher_record,
		&twin->dispatcher) != 0 ||
	    service_init(&twin->service, &twin->engine, &twin->dispatcher,
		&twins.settings) != 0 ||
	    serving_init(&twin->serving, &twin->service, &twin->engine,
		&twins.settings) != 0)
		return -1;
	twin->peer = remote_connect(&twin->engine, 1);
	return 0;
}

static void
finish(struct twin *twin)
{
	close(twin->peer.fd);
	serving_deinit(&twin->serving);
	engine_deinit(&twin->engine);
	service_deinit(&twin->service);
	dispatcher_deinit(&twin->dispatcher);
}

int
twins_setup(void **state)
{
	static char name[] = "reversed", spool[] = "--spool=/tmp";
	static char *line[] = { name, spool, NULL };
	struct option_error error;

	(void)state;
	twins.random = (struct rng){ 1 };
	return settings_read(&twins.settings, 2, line, &error) != 0 ||
		begin(&twins.by_hand, service_programs) != 0 ||
		begin(&twins.generated, generated) != 0
	    ? -1
	    : 0;
}

int
twins_teardown(void **state)
{
	(void)state;
	finish(&twins.by_hand);
	finish(&twins.generated);
	settings_free(&twins.settings);
	return 0;
}

uint32_t
twins_below(uint32_t n)
{
	return rng_below(&twins.random, n);
}

uint8_t *
twins_put(uint8_t *at, uint32_t word)
{
	word_put(at, word);
	return at + WORD_SIZE;
}

uint8_t *
twins_header(uint8_t *record, uint32_t procedure)
{
	const uint32_t header[] = { 7, 0, 2, REVERSE_PROG, REVERSE_V1,
		procedure, 0, 0, 0, 0 };

	for (size_t i = 0; i < ARRAY_LEN(header); i++)
		word_put(record + i * WORD_SIZE, header[i]);
	return record + sizeof(header);
}

void
twins_call(struct twin *twin, const uint8_t *record, size_t len)
{
	remote_send_record(&twin->peer, record, len);
	remote_run(&twin->engine);
	twin->size =
	    remote_read_record(&twin->peer, twin->reply, sizeof(twin->reply));
}

void
twins_assert_same(void)
{
	const struct twin *one = &twins.by_hand, *other = &twins.generated;

	assert_int_equal(one->size, other->size);
	assert_memory_equal(one->reply, other->reply, one->size);
	assert_int_equal(counter_read(&one->service.failures),
	    counter_read(&other->service.failures));
	assert_int_equal(counter_read(&one->dispatcher.calls.rejected),
	    counter_read(&other->dispatcher.calls.rejected));
}
