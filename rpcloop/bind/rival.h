/*
 * Whether another server serves the program already.
 */
#ifndef RPCLOOP_BIND_RIVAL_H
#define RPCLOOP_BIND_RIVAL_H

#include "rpcloop/net/universal.h"

#include <rpc/rpc.h>
#include <stdbool.h>

/* How long it has to answer. */
enum { RIVAL_MS = 2000 };

/*
 * True when a server of the program and version answers at the address of an
 * entry of rpcbind, and nobody but another process can be there: the address
 * is not covered by own, where this process listens.  Blocks until then.
 */
bool rival_answers(const struct universal *entry, const struct universal *own,
    rpcprog_t program, rpcvers_t version);

#endif
