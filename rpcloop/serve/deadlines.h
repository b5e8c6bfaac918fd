/*
 * Deadlines: what a connection may take its time for.
 *
 * A record has to arrive, replies have to be read, a peer that has all of them
 * has to close, and one that makes no calls has to go in the end.  Looked at
 * about twice a second, so that they cost nothing while calls come and go.
 */
#ifndef RPCLOOP_SERVE_DEADLINES_H
#define RPCLOOP_SERVE_DEADLINES_H

#include "rpcloop/net/connection.h"
#include "rpcloop/serve/engine.h"

/* Kills the connection if something took too long. */
void deadlines_check(struct connection *c, const struct engine_limits *limits);

#endif
