#include "rpcloop/wire/xdr.h"

#include <arpa/inet.h>
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

static const struct xdr_ops xdrbuf_ops = {
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

bool_t
xdr_void_value(XDR *xdrs, ...)
{
	(void)xdrs;
	return TRUE;
}
