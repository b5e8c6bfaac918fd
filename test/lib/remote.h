/*
 * For tests of the transport: an engine without listeners, and the remote end
 * of a connection of it, in one process.  Nothing waits: turns are run by hand.
 */
#ifndef TEST_LIB_REMOTE_H
#define TEST_LIB_REMOTE_H

#include "rpcloop/net/connection.h"
#include "rpcloop/serve/engine.h"

#include <stddef.h>
#include <stdint.h>

struct remote {
	int fd;               /* the other end of the connection's socket */
	struct connection *c; /* invalid once the engine has freed it */
};

/* The default limits, but for the time of a turn: what is done in one must not
 * depend on the machine. */
struct engine_limits remote_limits(void);

/* Connects to the engine, as if from the address 192.0.2.HOST. */
struct remote remote_connect(struct engine *e, unsigned int host);

/* Sends bytes; all must fit the socket. */
void remote_send(const struct remote *p, const void *bytes, size_t len);

/* Sends a record of one fragment. */
void remote_send_record(const struct remote *p, const void *body, size_t len);

/* Runs one turn; or turns until nothing is ready any more. */
void remote_run_turn(struct engine *e);
void remote_run(struct engine *e);

/*
 * Reads what is there without waiting.  Returns its length, 0 at the end of
 * the stream, or -1 when there is nothing.
 */
ptrdiff_t remote_read(const struct remote *p, void *bytes, size_t size);

/* Reads one record of one fragment, which must be there; returns its size. */
size_t remote_read_record(const struct remote *p, void *body, size_t size);

#endif
