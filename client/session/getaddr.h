/*
 * getaddr: where rpcbind has a program (RFC 1833, version 3).
 */
#ifndef CLIENT_SESSION_GETADDR_H
#define CLIENT_SESSION_GETADDR_H

#include "client/session/link.h"

/* The port of rpcbind. */
#define RPCBIND_PORT 111

/*
 * RPCBPROC_GETADDR.  The arguments are a struct rpcb, the result is a char *:
 * a universal address, empty for a program that is not registered.  rpcbind
 * answers for the transport that the question came by, whatever netid it names.
 */
extern const struct procedure procedure_getaddr;

#endif
