/*
 * Where rpcbind has a program (RFC 1833).
 *
 * RPCBPROC_GETADDR of version 4 is called, then of version 3, and over IPv4
 * PMAPPROC_GETPORT of version 2, the portmapper, all on one channel.  The next
 * is called when the one before was refused or made no sense, or has kept
 * silent for a quarter of the time, while its answer may still come.
 */
#ifndef RPCLOOP_CALL_RPCBIND_QUERY_H
#define RPCLOOP_CALL_RPCBIND_QUERY_H

#include "rpcloop/call/channel.h"

struct rpcbind_query;

enum rpcbind_outcome {
	RPCBIND_NAMED,        /* it names named */
	RPCBIND_UNREGISTERED, /* it knows no such program */
	RPCBIND_NO_ADDRESS,   /* what it names is none: text */
	RPCBIND_FAILED,       /* error */
};

/* Good while done() is called. */
struct rpcbind_answer {
	enum rpcbind_outcome outcome;
	struct endpoint named; /* may be any, on any host */
	struct rpc_err error;  /* of the last call that failed */
	const char *text;      /* what it names, as it came from the wire; the
				  portmapper's is a port, and without text */
};

struct rpcbind_terms {
	struct endpoint at; /* rpcbind's; it is asked for this netid */
	uint32_t program;
	uint32_t version;
	uint64_t ms; /* for all of it */
	bool keeps;  /* messages, for called() */
	/* Told of each call that has ended.  Returns false when it has freed
	 * the query. */
	bool (*called)(void *context, const struct channel_question *what,
	    const struct channel_call *how, const struct rpc_err *error);
	/* Told once.  It may free the query. */
	void (*done)(void *context, const struct rpcbind_answer *answer);
	void *context; /* borrowed */
};

/*
 * Asks.  Returns 0, and then done() is called, but not before this returns; or
 * a negative errno as channel_open().
 */
int rpcbind_query_start(struct rpcbind_query **out, struct loop *loop,
    const struct rpcbind_terms *terms);

/* Whether there is no connection yet.  q may be NULL. */
bool rpcbind_query_connects(const struct rpcbind_query *q);

/* Frees it, answered or not; nothing is told any more.  q may be NULL. */
void rpcbind_query_free(struct rpcbind_query *q);

#endif
