/*
 * For tests of what is done by hand: two services that are alike, but that the
 * second has each call go through what rpcgen wrote; and a connection to each.
 * Nothing waits: turns are run by hand.
 */
#ifndef TEST_LIB_TWINS_H
#define TEST_LIB_TWINS_H

#include "rpcloop/serve/dispatcher.h"
#include "server/service/service.h"
#include "server/service/serving.h"
#include "test/lib/random.h"
#include "test/lib/remote.h"

enum { TWINS_ROOM = 4096 };

struct twin {
	struct engine engine;
	struct dispatcher dispatcher;
	struct service service;
	struct serving serving;
	struct remote peer;
	uint8_t reply[TWINS_ROOM]; /* the latest */
	size_t size;
};

struct twins {
	struct settings settings;
	struct twin by_hand, generated;
	struct rng random;
};

extern struct twins twins;

/* For cmocka. */
int twins_setup(void **state);
int twins_teardown(void **state);

/* A call of a procedure without credentials; returns what follows its header.
 */
uint8_t *twins_header(uint8_t *record, uint32_t procedure);

/* A number below n, at random; and a word of a call, which returns what follows
 * it. */
uint32_t twins_below(uint32_t n);
uint8_t *twins_put(uint8_t *at, uint32_t word);

/* Sends a record, and reads the reply. */
void twins_call(struct twin *twin, const uint8_t *record, size_t len);

/* That both have given the same reply, and have counted alike. */
void twins_assert_same(void);

#endif
