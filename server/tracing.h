/*
 * tracing: every call and reply in the log, byte by byte, for --trace.
 */
#ifndef SERVER_TRACING_H
#define SERVER_TRACING_H

#include "rpcloop/serve/dispatcher.h"
#include "schema/built_in.h"

/* Zeroed it is none. */
struct tracing {
	struct built_in schemas;
};

/* Shows what the dispatcher does from now on, which has to end first; says so
 * in the log when there is no memory for it.  tracing_end() follows. */
void tracing_start(struct tracing *tracing, struct dispatcher *dispatcher);

/* May be called twice, and without tracing_start(). */
void tracing_end(struct tracing *tracing);

#endif
