/*
 * What libtirpc's XDR (RFC 4506) lacks here: a stream that encodes to the end
 * of a buffer, which grows as needed, in one pass and without a guess of the
 * size; one that decodes a message and tells how much of it is left; and void.
 */
#ifndef RPCLOOP_WIRE_XDR_H
#define RPCLOOP_WIRE_XDR_H

#include "base/arena.h"
#include "base/buffer.h"

#include <rpc/rpc.h>
#include <stdbool.h>

/*
 * Sets up xdrs for encoding.  The buffer is borrowed for as long as xdrs is
 * used; there is nothing to destroy.  Encoding fails when the buffer is full
 * or memory is out; what was appended until then stays for the caller to
 * truncate.
 */
void xdrbuf_create(XDR *xdrs, struct buffer *b);

/*
 * Sets up xdrs for decoding a message, of at most UINT_MAX bytes, at any
 * address.  They are borrowed for as long as xdrs is used; there is nothing to
 * destroy.
 */
void xdrspan_create(XDR *xdrs, const uint8_t *bytes, size_t len);

/*
 * The same, but what is decoded by rpcloop/wire/checked is borrowed: bytes from
 * the message, anything else from the arena.  Nothing of it may be freed.
 */
void xdrspan_borrow(
    XDR *xdrs, const uint8_t *bytes, size_t len, struct arena *arena);

/* What tells the streams above from others. */
extern const struct xdr_ops xdrbuf_ops, xdrspan_ops;

/* Whether xdrbuf_create() made a stream. */
static inline bool
xdr_is_buffer(const XDR *xdrs)
{
	return xdrs->x_ops == &xdrbuf_ops;
}

/* Whether xdrspan_create() or xdrspan_borrow() did. */
static inline bool
xdr_is_span(const XDR *xdrs)
{
	return xdrs->x_ops == &xdrspan_ops;
}

/* The arena of a stream that decodes; NULL: it does not borrow. */
static inline struct arena *
xdr_arena(const XDR *xdrs)
{
	return xdr_is_span(xdrs) ? (void *)xdrs->x_public : NULL;
}

/*
 * The bytes that are left to decode.  Only a stream that xdrspan_create() made
 * knows: of any other it is UINT_MAX.
 */
u_int xdr_left(const XDR *xdrs);

/*
 * An xdrproc_t for no arguments and for no result, which always succeeds.
 * xdr_void() of libtirpc takes no parameters, so that calling it as an
 * xdrproc_t is undefined in C.
 */
bool_t xdr_void_value(XDR *xdrs, ...);

#endif
