/*
 * For tests of the transport: an engine without listeners, and the peer of a
 * connection of it, in one process.  Nothing waits: turns are run by hand.
 */
#ifndef TEST_LIB_PEER_H
#define TEST_LIB_PEER_H

#include "rpcloop/net/connection.h"
#include "rpcloop/serve/engine.h"

#include <stddef.h>
#include <stdint.h>

struct peer {
	int fd;               /* the other end of the connection's socket */
	struct connection *c; /* invalid once the engine has freed it */
};

/* Connects a peer to the engine, as if from the address 192.0.2.HOST. */
struct peer peer_connect(struct engine *e, unsigned int host);

/* Sends bytes; all must fit the socket. */
void peer_send(const struct peer *p, const void *bytes, size_t len);

/* Sends a record of one fragment. */
void peer_send_record(const struct peer *p, const void *body, size_t len);

/* Runs one turn; or turns until nothing is ready any more. */
void peer_run_turn(struct engine *e);
void peer_run(struct engine *e);

/*
 * Reads what is there without waiting.  Returns its length, 0 at the end of
 * the stream, or -1 when there is nothing.
 */
ptrdiff_t peer_read(const struct peer *p, void *bytes, size_t size);

/* Reads one record of one fragment, which must be there; returns its size. */
size_t peer_read_record(const struct peer *p, void *body, size_t size);

#endif
