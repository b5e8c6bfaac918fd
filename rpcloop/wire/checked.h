/*
 * The types of variable length (RFC 4506, sections 4.10, 4.11, 4.13 and 4.19),
 * with libtirpc's parameters, results and ownership: malloc() and xdr_free();
 * but where a stream borrows (xdrspan_borrow() of wire/xdr.h), nobody owns
 * them.
 *
 * libtirpc allocates and clears what a length claims before it looks for the
 * bytes.  Here a length is held against what is left of the message first, and
 * one that claims more is refused.  That needs a stream that knows what is left
 * (xdr_left() of wire/xdr.h); in any other, the bound of the type alone limits
 * a length, as in libtirpc.  When memory is out errno is ENOMEM.
 *
 * What rpcgen writes calls these: rpcloop/wire/generated.h.
 */
#ifndef RPCLOOP_WIRE_CHECKED_H
#define RPCLOOP_WIRE_CHECKED_H

#include <rpc/rpc.h>

bool_t xdr_checked_bytes(XDR *xdrs, char **bytes, u_int *len, u_int max);

bool_t xdr_checked_string(XDR *xdrs, char **string, u_int max);

/*
 * An element counts as one word, the smallest type there is, whatever its size
 * in memory: that bounds the memory, and the elements to be looked for.  So
 * those of a type without any bytes, such as opaque[0], are taken only as long
 * as words are left after them.
 */
bool_t xdr_checked_array(XDR *xdrs, char **array, u_int *count, u_int max,
    u_int size, xdrproc_t element);

/* Of what there may be one, or none. */
bool_t xdr_checked_pointer(
    XDR *xdrs, char **object, u_int size, xdrproc_t codec);

#endif
