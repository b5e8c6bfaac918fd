/*
 * For tests of calls out: servers of a few lines, on the loop of whoever calls
 * them, so that all that happens comes in an order.
 */
#ifndef TEST_LIB_FAKE_H
#define TEST_LIB_FAKE_H

#include "rpcloop/loop/loop.h"
#include "rpcloop/net/endpoint.h"
#include "rpcloop/wire/header.h"

#include <stddef.h>
#include <stdint.h>

enum {
	FAKE_PROGRAM = 0x20000001, /* version 1 of it, for fake_serves() */
	FAKE_PEERS_MAX = 16,       /* connections */
	FAKE_CALLS_MAX = 32,       /* that are remembered */
	FAKE_WORDS_MAX = 64,       /* of a reply */
	FAKE_SILENT = -1,
	FAKE_CLOSES = -2,
};

struct fake;

struct fake_peer {
	struct loop_item item;
	struct fake *fake; /* NULL: there is none */
};

struct fake {
	struct endpoint at; /* where it is */
	/*
	 * Fills in the reply, the words after its xid in the order of the
	 * host, and returns how many there are, FAKE_SILENT or FAKE_CLOSES.
	 * NULL: each connection is closed at once.
	 */
	int (*answer)(struct fake *fake, const struct call_header *call,
	    uint32_t words[FAKE_WORDS_MAX]);
	const char *greeting; /* said to each connection; NULL */
	/* For fake_is_rpcbind(): */
	unsigned int versions; /* that it serves, a bit each */
	unsigned int silent;   /* to these versions */
	const char *address;   /* that it names */
	uint32_t port;         /* that it names, as a portmapper */

	char netid[8]; /* that an rpcbind was asked for last */
	unsigned int accepted;
	unsigned int count; /* of calls */
	struct call_header calls[FAKE_CALLS_MAX];
	struct loop_item item;
	struct fake_peer peers[FAKE_PEERS_MAX];
};

/* Begins to listen at any port of a host, or at a path.  What it does is to be
 * set before or afterwards. */
void fake_start(
    struct fake *fake, struct loop *loop, int type, const char *host);

/* May be called twice, and for one that is zeroed. */
void fake_stop(struct fake *fake);

/* What a fake may answer. */

/* As a server does: procedure 0 of FAKE_PROGRAM. */
int fake_serves(
    struct fake *fake, const struct call_header *call, uint32_t *words);
/* Nothing. */
int fake_hangs(
    struct fake *fake, const struct call_header *call, uint32_t *words);
/* That the program is unknown. */
int fake_is_another(
    struct fake *fake, const struct call_header *call, uint32_t *words);
/* As an rpcbind does: see above. */
int fake_is_rpcbind(
    struct fake *fake, const struct call_header *call, uint32_t *words);
/* As an rpcbind whose result is longer than its reply. */
int fake_garbles(
    struct fake *fake, const struct call_header *call, uint32_t *words);

#endif
