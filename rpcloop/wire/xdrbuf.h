/*
 * An XDR stream that encodes to the end of a buffer, which grows as needed:
 * one pass, and no guess of the size.
 */
#ifndef RPCLOOP_WIRE_XDRBUF_H
#define RPCLOOP_WIRE_XDRBUF_H

#include "base/buffer.h"

#include <rpc/rpc.h>

/*
 * Sets up xdrs for encoding.  The buffer is borrowed for as long as xdrs is
 * used; there is nothing to destroy.  Encoding fails when the buffer is full
 * or memory is out; what was appended until then stays for the caller to
 * truncate.
 */
void xdrbuf_create(XDR *xdrs, struct buffer *b);

#endif
