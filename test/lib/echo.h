/*
 * For tests of connections: an engine that answers each record with itself, or
 * as the test tells it.
 */
#ifndef TEST_LIB_ECHO_H
#define TEST_LIB_ECHO_H

#include "rpcloop/net/connection.h"
#include "rpcloop/serve/engine.h"
#include "test/lib/remote.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct echo_fixture {
	struct engine engine;
	unsigned int records;
	bool refuse;            /* say that it is no call */
	struct owed_reply *owe; /* owe the reply instead of sending it */
	unsigned int lost;      /* replies that were owed */
};

/* Of the test that is run. */
extern struct echo_fixture echo_fixture;

/* Its set-up and its end, for cmocka. */
int echo_setup(void **state);
int echo_teardown(void **state);

/* Answers with a record. */
void echo_record(struct connection *c, const uint8_t *body, size_t len);

/* That just this answer has come; the end; nothing. */
void assert_echoed(const struct remote *p, const char *text);
void assert_closed(const struct remote *p);
void assert_open(const struct remote *p);

#endif
