/*
 * Deadlines: what a connection may take its time for.
 *
 * A record has to arrive, replies have to be read, a peer that has all of them
 * has to close, and one that makes no calls has to go in the end.  Looked at
 * about twice a second, so that they cost nothing while calls come and go; by
 * the fair clock (rpcloop/loop/fair), so that nobody has to pay for a stop of
 * ours.
 */
#ifndef RPCLOOP_SERVE_DEADLINES_H
#define RPCLOOP_SERVE_DEADLINES_H

#include "rpcloop/net/connection.h"

struct deadlines {
	uint64_t record_ms; /* for a record to arrive, and 1 s more for each
			       64 KiB of it */
	uint64_t write_ms;  /* without progress while output waits */
	uint64_t idle_ms;   /* without any call */
	uint64_t linger_ms; /* for the peer to close after the last reply */
};

/* Kills the connection if something took too long. */
void deadlines_check(struct connection *c, const struct deadlines *limits);

#endif
