#include "server/service/packed.h"

#include "rpcloop/wire/quick.h"
#include "stream/segment.h"

char *
packed_row(const segment *piece)
{
	return piece->messages.messages_val[0].message_val - 4;
}

u_int
packed_row_size(const segment *piece)
{
	u_int count = piece->messages.messages_len;
	const message *last;

	if (count == 0)
		return 0;
	last = &piece->messages.messages_val[count - 1];
	return (u_int)(last->message_val - 4 - packed_row(piece) +
	    message_cost(last->message_len));
}

static bool_t
put_messages(XDR *xdrs, segment *piece)
{
	u_int *count = &piece->messages.messages_len;

	return *count <= SEGMENT_MAX && xdr_quick_u_int(xdrs, count) &&
	    (*count == 0 ||
		xdr_quick_opaque(
		    xdrs, packed_row(piece), packed_row_size(piece)));
}

static bool_t
put_segment(XDR *xdrs, segment *piece)
{
	return xdrs->x_op == XDR_ENCODE &&
	    xdr_quick_u_quad_t(xdrs, &piece->first) &&
	    put_messages(xdrs, piece) && xdr_quick_bool(xdrs, &piece->last) &&
	    xdr_quick_u_quad_t(xdrs, &piece->next) &&
	    xdr_quick_u_int(xdrs, &piece->window);
}

static bool_t
put_end(XDR *xdrs, stream_end *end)
{
	bool_t is_there = end != NULL;

	return xdr_quick_bool(xdrs, &is_there) &&
	    (!is_there || xdr_stream_end(xdrs, end));
}

static bool_t
put_answer(XDR *xdrs, answer *a)
{
	return put_segment(xdrs, &a->piece) && put_end(xdrs, a->end);
}

bool_t
packed_open_result(XDR *xdrs, open_result *result)
{
	opened *started = &result->open_result_u.started;

	if (result->code != STATUS_OK)
		return xdr_open_result(xdrs, result);
	return xdr_status_code(xdrs, &result->code) &&
	    xdr_token(xdrs, started->stream) &&
	    xdr_quick_u_int(xdrs, &started->lease_ms) &&
	    put_answer(xdrs, &started->first_answer);
}

bool_t
packed_exchange_result(XDR *xdrs, exchange_result *result)
{
	if (result->code != STATUS_OK)
		return xdr_exchange_result(xdrs, result);
	return xdr_status_code(xdrs, &result->code) &&
	    put_answer(xdrs, &result->exchange_result_u.answered);
}
