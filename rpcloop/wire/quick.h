/*
 * quick: XDR's types of fixed length, read and written in place where the
 * stream is one of rpcloop/wire/xdr.h.  Anything else, an end that comes too
 * soon too, is left to libtirpc, which goes through two functions and two
 * tables for each word.  Parameters and results are those of its functions.
 */
#ifndef RPCLOOP_WIRE_QUICK_H
#define RPCLOOP_WIRE_QUICK_H

#include "rpcloop/wire/word.h"
#include "rpcloop/wire/xdr.h"

#include <rpc/rpc.h>
#include <stdint.h>
#include <string.h>

/* Room at the end of a buffer.  NULL: it is left to libtirpc. */
static inline uint8_t *
xdr_quick_room(const XDR *xdrs, u_int len)
{
	struct buffer *b = xdrs->x_private;

	if (xdrs->x_op != XDR_ENCODE || !xdr_is_buffer(xdrs) ||
	    !buffer_fits(b, len))
		return NULL;
	return buffer_extend(b, len);
}

/* The next bytes of a message.  NULL: it is left to libtirpc; there is nothing
 * to free in any case. */
static inline const uint8_t *
xdr_quick_take(XDR *xdrs, u_int len)
{
	uint8_t *at = xdrs->x_private;

	if (xdrs->x_op != XDR_DECODE || !xdr_is_span(xdrs) ||
	    xdrs->x_handy < len)
		return NULL;
	xdrs->x_private = at + len;
	xdrs->x_handy -= len;
	return at;
}

/* RFC 4506, section 4.2. */
static inline bool_t
xdr_quick_u_int(XDR *xdrs, u_int *value)
{
	uint8_t *room = xdr_quick_room(xdrs, WORD_SIZE);
	const uint8_t *at;

	if (room != NULL) {
		word_put(room, *value);
		return TRUE;
	}
	at = xdr_quick_take(xdrs, WORD_SIZE);
	if (at == NULL)
		return xdrs->x_op == XDR_FREE || xdr_u_int(xdrs, value);
	*value = word_get(at);
	return TRUE;
}

/* Section 4.1, and 4.3: an enum is an int. */
static inline bool_t
xdr_quick_int(XDR *xdrs, int *value)
{
	return xdr_quick_u_int(xdrs, (u_int *)value);
}

/* Section 4.4; any word but 0 is taken for TRUE. */
static inline bool_t
xdr_quick_bool(XDR *xdrs, bool_t *value)
{
	u_int word = xdrs->x_op == XDR_ENCODE && *value;

	if (!xdr_quick_u_int(xdrs, &word))
		return FALSE;
	if (xdrs->x_op == XDR_DECODE)
		*value = word != 0;
	return TRUE;
}

/* Section 4.5. */
static inline bool_t
xdr_quick_u_quad_t(XDR *xdrs, u_quad_t *value)
{
	uint8_t *room = xdr_quick_room(xdrs, 2 * WORD_SIZE);
	const uint8_t *at;

	if (room != NULL) {
		word_put(room, (uint32_t)(*value >> 32));
		word_put(room + WORD_SIZE, (uint32_t)*value);
		return TRUE;
	}
	at = xdr_quick_take(xdrs, 2 * WORD_SIZE);
	if (at == NULL)
		return xdrs->x_op == XDR_FREE || xdr_u_quad_t(xdrs, value);
	*value = (u_quad_t)word_get(at) << 32 | word_get(at + WORD_SIZE);
	return TRUE;
}

static inline bool_t
xdr_quick_quad_t(XDR *xdrs, quad_t *value)
{
	return xdr_quick_u_quad_t(xdrs, (u_quad_t *)value);
}

/* Section 4.9. */
static inline bool_t
xdr_quick_opaque(XDR *xdrs, char *bytes, u_int len)
{
	const uint8_t *at;
	uint8_t *room;

	if (len % WORD_SIZE != 0 || len == 0)
		return xdr_opaque(xdrs, bytes, len);
	room = xdr_quick_room(xdrs, len);
	if (room != NULL) {
		memcpy(room, bytes, len);
		return TRUE;
	}
	at = xdr_quick_take(xdrs, len);
	if (at == NULL)
		return xdr_opaque(xdrs, bytes, len);
	memcpy(bytes, at, len);
	return TRUE;
}

#endif
