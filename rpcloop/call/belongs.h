/*
 * Whether an address that was heard of is of the host that named it.
 */
#ifndef RPCLOOP_CALL_BELONGS_H
#define RPCLOOP_CALL_BELONGS_H

#include "rpcloop/net/endpoint.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * True when the rpcbind at asked may send its clients to named: that is one of
 * the addresses that the host's name has, whatever the ports, or both are this
 * machine's own, or both are Unix sockets.  The loopback and the addresses of
 * the interfaces are its own.  No host has 0.0.0.0 and ::, where a client would
 * meet itself.
 *
 * named gets the scope that its address has here: that of another host means
 * nothing.
 */
bool belongs_to_host(struct endpoint *named, const struct endpoint *asked,
    const struct endpoint *addresses, size_t count);

#endif
