/*
 * The addresses of a host, for a loop.
 *
 * getaddrinfo(3) cannot be told to give up, and a name service may keep silent
 * for long: it runs in a thread of its own, which may be left to it at any
 * time.  Numeric addresses, also in brackets, and "localhost", which is the
 * loopback whatever the name service knows, need none.
 */
#ifndef RPCLOOP_CALL_RESOLVE_H
#define RPCLOOP_CALL_RESOLVE_H

#include "rpcloop/loop/loop.h"

#include <netdb.h>

struct resolve;

struct resolve_answer {
	int error;  /* of getaddrinfo(3); 0 */
	int system; /* with EAI_SYSTEM, an errno; ETIMEDOUT after ms */
	struct addrinfo *list; /* without ports; borrowed until
				  resolve_free() */
};

struct resolve_question {
	const char *host; /* borrowed until resolve_start() returns */
	int family;       /* AF_UNSPEC, AF_INET or AF_INET6 */
	int type;         /* SOCK_STREAM or SOCK_DGRAM */
	uint64_t ms;      /* how long it may take */
	/* Told once, in a turn.  It may free the question. */
	void (*done)(void *context, const struct resolve_answer *answer);
	void *context; /* borrowed */
};

/* Asks.  Returns 0, and then done() is called, but not before this returns; or
 * a negative errno. */
int resolve_start(struct resolve **out, struct loop *loop,
    const struct resolve_question *question);

/* Frees it, answered or not; done() is not called any more.  r may be NULL. */
void resolve_free(struct resolve *r);

#endif
