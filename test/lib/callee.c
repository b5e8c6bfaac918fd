#include "test/lib/callee.h"

#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

int
callee_start(
    struct callee *c, const struct xprt_program *programs, size_t count)
{
	struct address any;

	log_set_level(LOG_LEVEL_ERROR);
	dispatcher_init(&c->dispatcher, programs, count, NULL);
	if (engine_init(&c->engine, &engine_default_limits, dispatcher_record,
		&c->dispatcher) < 0 ||
	    address_parse(&any, "127.0.0.1", 0) < 0)
		return -1;
	return datagram_open(&c->d, &c->engine.net, &any, dispatcher_datagram);
}

void
callee_stop(struct callee *c)
{
	engine_deinit(&c->engine);
	dispatcher_deinit(&c->dispatcher);
}

void
callee_take(
    struct callee *c, const char *host, uint16_t port, void *call, size_t len)
{
	struct datagram_origin origin = { .len = len };

	assert_int_equal(address_parse(&origin.peer, host, port), 0);
	dispatcher_datagram(c->d, &origin, call, len);
}
