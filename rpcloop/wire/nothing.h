/*
 * XDR of no arguments and of no result: void.
 *
 * That is what xdr_void() of libtirpc is for, but it takes no parameters, so
 * that calling it through xdrproc_t is undefined in C.
 */
#ifndef RPCLOOP_WIRE_NOTHING_H
#define RPCLOOP_WIRE_NOTHING_H

#include <rpc/rpc.h>

/* An xdrproc_t that always succeeds. */
bool_t xdr_nothing(XDR *xdrs, ...);

#endif
