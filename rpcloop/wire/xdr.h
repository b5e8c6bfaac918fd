/*
 * What libtirpc's XDR (RFC 4506) lacks here: a stream that encodes to the end
 * of a buffer, which grows as needed, in one pass and without a guess of the
 * size; one that decodes a message and tells how much of it is left; and void.
 */
#ifndef RPCLOOP_WIRE_XDR_H
#define RPCLOOP_WIRE_XDR_H

#include "base/buffer.h"

#include <rpc/rpc.h>

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
