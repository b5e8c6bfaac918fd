/*
 * Programs that are served without a socket of their peers: a call is handed to
 * the dispatcher as if it had come in a datagram.
 */
#ifndef TEST_LIB_CALLEE_H
#define TEST_LIB_CALLEE_H

#include "rpcloop/serve/dispatcher.h"
#include "rpcloop/serve/engine.h"

struct callee {
	struct engine engine;
	struct dispatcher dispatcher;
	struct datagram *d;
};

/* programs are borrowed.  Returns 0, or a negative number. */
int callee_start(
    struct callee *c, const struct xprt_program *programs, size_t count);
void callee_stop(struct callee *c);

/* A call of len bytes from there; it is changed. */
void callee_take(
    struct callee *c, const char *host, uint16_t port, void *call, size_t len);

#endif
