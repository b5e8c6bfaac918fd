#include "test/lib/echo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct echo_fixture echo_fixture;

void
echo_record(struct connection *c, const uint8_t *body, size_t len)
{
	struct buffer *out = connection_output(c);

	assert_int_equal(buffer_reserve(out, RECORD_HEADER_SIZE + len), 0);
	record_put_header(buffer_tail(out), (uint32_t)len);
	buffer_commit(out, RECORD_HEADER_SIZE);
	memcpy(buffer_tail(out), body, len);
	buffer_commit(out, len);
	connection_replied(c);
}

static void
on_lost(struct owed_reply *owed)
{
	(void)owed;
	echo_fixture.lost++;
}

static bool
on_record(void *owner, struct connection *c, uint8_t *body, size_t len)
{
	(void)owner;
	echo_fixture.records++;
	if (echo_fixture.refuse)
		return false;
	if (echo_fixture.owe != NULL) {
		echo_fixture.owe->lost = on_lost;
		connection_owe(c, echo_fixture.owe++);
	} else {
		echo_record(c, body, len);
	}
	return true;
}

int
echo_setup(void **state)
{
	struct engine_limits limits = remote_limits();

	(void)state;
	limits.net.record.bytes = 4096;
	limits.net.calls_in_flight = 3;
	limits.net.turn_calls = 4;
	limits.connections = 16;
	echo_fixture = (struct echo_fixture){ .records = 0 };
	log_set_level(LOG_LEVEL_ERROR);
	return engine_init(&echo_fixture.engine, &limits, on_record, NULL);
}

int
echo_teardown(void **state)
{
	(void)state;
	engine_deinit(&echo_fixture.engine);
	engine_deinit(&echo_fixture.engine);
	return 0;
}

void
assert_echoed(const struct remote *p, const char *text)
{
	char body[4096];

	assert_int_equal(
	    remote_read_record(p, body, sizeof(body)), strlen(text));
	assert_memory_equal(body, text, strlen(text));
}

void
assert_closed(const struct remote *p)
{
	char byte;

	assert_int_equal(remote_read(p, &byte, 1), 0);
}

void
assert_open(const struct remote *p)
{
	char byte;

	assert_int_equal(remote_read(p, &byte, 1), -1);
}
