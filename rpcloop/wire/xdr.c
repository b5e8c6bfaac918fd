#include "rpcloop/wire/xdr.h"

#include "rpcloop/wire/word.h"

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>

static struct buffer *
buffer_of(XDR *xdrs)
{
	return xdrs->x_private;
}

static bool_t
refuse_getlong(XDR *xdrs, long *value)
{
	(void)xdrs;
	(void)value;
	return FALSE;
}

static bool_t
refuse_getbytes(XDR *xdrs, char *bytes, u_int len)
{
	(void)xdrs;
	(void)bytes;
	(void)len;
	return FALSE;
}

static bool_t
put_bytes(XDR *xdrs, const char *bytes, u_int len)
{
	struct buffer *b = buffer_of(xdrs);

	if (len == 0)
		return TRUE;
	if (buffer_reserve(b, len) != 0)
		return FALSE;
	memcpy(buffer_tail(b), bytes, len);
	buffer_commit(b, len);
	return TRUE;
}

static bool_t
put_long(XDR *xdrs, const long *value)
{
	struct buffer *b = buffer_of(xdrs);
	uint32_t word = htonl((uint32_t)*value);

	if (buffer_reserve(b, sizeof(word)) != 0)
		return FALSE;
	memcpy(buffer_tail(b), &word, sizeof(word));
	buffer_commit(b, sizeof(word));
	return TRUE;
}

static u_int
get_position(XDR *xdrs)
{
	return (u_int)buffer_len(buffer_of(xdrs)) - xdrs->x_handy;
}

static bool_t
refuse_position(XDR *xdrs, u_int position)
{
	(void)xdrs;
	(void)position;
	return FALSE;
}

/* Generated code writes small fields straight to memory, as whole words. */
static int32_t *
get_inline(XDR *xdrs, u_int len)
{
	struct buffer *b = buffer_of(xdrs);
	void *room;

	if (len == 0 || buffer_reserve(b, len) != 0)
		return NULL;
	room = buffer_tail(b);
	if ((uintptr_t)room % sizeof(int32_t) != 0)
		return NULL;
	buffer_commit(b, len);
	return room;
}

static void
destroy_nothing(XDR *xdrs)
{
	(void)xdrs;
}

static bool_t
refuse_control(XDR *xdrs, int request, void *info)
{
	(void)xdrs;
	(void)request;
	(void)info;
	return FALSE;
}

const struct xdr_ops xdrbuf_ops = {
	.x_getlong = refuse_getlong,
	.x_putlong = put_long,
	.x_getbytes = refuse_getbytes,
	.x_putbytes = put_bytes,
	.x_getpostn = get_position,
	.x_setpostn = refuse_position,
	.x_inline = get_inline,
	.x_destroy = destroy_nothing,
	.x_control = refuse_control,
};

void
xdrbuf_create(XDR *xdrs, struct buffer *b)
{
	*xdrs = (XDR){
		.x_op = XDR_ENCODE,
		.x_ops = &xdrbuf_ops,
		.x_private = b,
		.x_handy = (u_int)buffer_len(b),
	};
}

static bool_t
refuse_putlong(XDR *xdrs, const long *value)
{
	(void)xdrs;
	(void)value;
	return FALSE;
}

static bool_t
refuse_putbytes(XDR *xdrs, const char *bytes, u_int len)
{
	(void)xdrs;
	(void)bytes;
	(void)len;
	return FALSE;
}

/* The next bytes of a message; NULL when fewer are left. */
static uint8_t *
take(XDR *xdrs, u_int len)
{
	uint8_t *at = xdrs->x_private;

	if (len > xdrs->x_handy)
		return NULL;
	xdrs->x_private = at + len;
	xdrs->x_handy -= len;
	return at;
}

/* A word without its sign, as libtirpc's streams have it. */
static bool_t
get_long(XDR *xdrs, long *value)
{
	const uint8_t *at = take(xdrs, WORD_SIZE);

	if (at == NULL)
		return FALSE;
	*value = (long)word_get(at);
	return TRUE;
}

static bool_t
get_bytes(XDR *xdrs, char *bytes, u_int len)
{
	const uint8_t *at = take(xdrs, len);

	if (at == NULL)
		return FALSE;
	memcpy(bytes, at, len);
	return TRUE;
}

static u_int
bytes_taken(XDR *xdrs)
{
	return (u_int)((char *)xdrs->x_private - xdrs->x_base);
}

static bool_t
go_to(XDR *xdrs, u_int position)
{
	u_int len = bytes_taken(xdrs) + xdrs->x_handy;

	if (position > len)
		return FALSE;
	xdrs->x_private = xdrs->x_base + position;
	xdrs->x_handy = len - position;
	return TRUE;
}

/* Generated code reads small fields straight from memory, as whole words. */
static int32_t *
take_inline(XDR *xdrs, u_int len)
{
	if ((uintptr_t)xdrs->x_private % sizeof(int32_t) != 0)
		return NULL;
	return (void *)take(xdrs, len);
}

const struct xdr_ops xdrspan_ops = {
	.x_getlong = get_long,
	.x_putlong = refuse_putlong,
	.x_getbytes = get_bytes,
	.x_putbytes = refuse_putbytes,
	.x_getpostn = bytes_taken,
	.x_setpostn = go_to,
	.x_inline = take_inline,
	.x_destroy = destroy_nothing,
	.x_control = refuse_control,
};

void
xdrspan_create(XDR *xdrs, const uint8_t *bytes, size_t len)
{
	void *start = (void *)(uintptr_t)bytes;

	*xdrs = (XDR){
		.x_op = XDR_DECODE,
		.x_ops = &xdrspan_ops,
		.x_private = start,
		.x_base = start,
		.x_handy = (u_int)len,
	};
}

void
xdrspan_borrow(XDR *xdrs, const uint8_t *bytes, size_t len, struct arena *arena)
{
	xdrspan_create(xdrs, bytes, len);
	xdrs->x_public = (void *)arena;
}

u_int
xdr_left(const XDR *xdrs)
{
	return xdr_is_span(xdrs) ? xdrs->x_handy : UINT_MAX;
}

bool_t
xdr_void_value(XDR *xdrs, ...)
{
	(void)xdrs;
	return TRUE;
}
