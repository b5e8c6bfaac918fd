/*
 * Whether a server answers at an address.
 */
#ifndef RPCLOOP_CALL_PING_H
#define RPCLOOP_CALL_PING_H

#include "rpcloop/net/universal.h"

#include <rpc/rpc.h>
#include <stdbool.h>

/*
 * True when a server of the program and version answers a call of its
 * procedure 0 within ms milliseconds, or when the queue of a server at a Unix
 * socket is full.  It takes no longer whatever is at the address: anybody may
 * have registered it.
 */
bool ping_server(const struct endpoint *at, rpcprog_t program,
    rpcvers_t version, unsigned int ms);

#endif
