#include "stream/client/calls.h"

#include "base/base.h"
#include "stream/segment.h"

#include <string.h>

/* Of messages in an answer, where longer ones may never arrive. */
#define WARY_BYTES (32u * 1024)

/* Bytes of messages in the answer to a call. */
static uint32_t
credit_of_call(const struct client_stream *c)
{
	size_t most = c->sending.call_max;

	if (patience_is_wary(&c->patience))
		most = MIN_OF(most, (size_t)WARY_BYTES);
	return (uint32_t)MIN_OF((size_t)c->terms.credit, most);
}

/* The next message fits no call: the end, once all before it is answered. */
static void
stop_at_long(struct client_stream *c)
{
	if (!c->traits->paired || c->next == c->sending.cursor)
		client_stream_give_up_long(c, c->sending.cursor);
}

static void
fill_piece(struct client_stream *c, segment *piece)
{
	int r;

	memset(piece, 0, sizeof(*piece));
	r = sending_gather(&c->sending, piece);
	if (r == SENDING_TOO_LONG)
		stop_at_long(c);
	if (r == SENDING_GONE)
		client_stream_give_up(c, STATUS_UNAVAILABLE,
		    "the server lost the stream, and the input cannot be read "
		    "again");
	piece->next = c->next;
	piece->window = credit_of_call(c);
}

/* Whether the server owes something that is worth waiting for. */
static bool
expects_answers(const struct client_stream *c)
{
	const struct sending *to = &c->sending;

	if (to->window == 0 || sending_is_at_end(to))
		return true;
	if (c->traits->silent)
		return false;
	return c->traits->paired ? c->next < to->cursor : to->cursor > 0;
}

static void
fill_open(struct client_stream *c, uint64_t now, open_args *args)
{
	memset(args, 0, sizeof(*args));
	sending_rewind(&c->sending);
	fill_piece(c, &args->piece);
	memcpy(args->nonce, c->nonce, sizeof(args->nonce));
	if (c->deadline != UINT64_MAX)
		args->context.deadline_ms = (u_int)(c->deadline - now);
	args->method = c->terms.method;
	args->unit = c->terms.unit;
	args->pace_ms = c->terms.pace_ms;
	args->largest = c->largest;
	args->wait_ms = expects_answers(c) ? c->terms.wait_ms : 0;
}

/*
 * Returns whether there is a call worth making: one that takes the stream
 * over, pushes, says that the input has ended, waits for answers that no
 * other call waits for, tells of many that have arrived, or keeps the lease.
 */
static bool
fill_exchange(struct client_stream *c, uint64_t now, exchange_args *args)
{
	uint64_t end_before = c->sending.end;
	uint64_t renew = c->last_call + c->lease_ms / 2;

	memset(args, 0, sizeof(*args));
	fill_piece(c, &args->piece);
	memcpy(args->stream, c->name, sizeof(args->stream));
	args->ahead = !c->flights.fresh && c->terms.flights > 1;
	args->wait_ms = expects_answers(c) ? c->terms.wait_ms : 0;
	if (c->flights.fresh || args->piece.messages.messages_len > 0 ||
	    c->sending.end != end_before)
		return true;
	/* Calls that only wait leave room for those that push. */
	if (args->wait_ms > 0 && c->flights.flying < (c->terms.flights + 1) / 2)
		return true;
	/* A server that is not told that its answers have arrived makes no
	 * more when its window is full: none for those that wait. */
	if (c->untold > 0 && c->untold >= c->greeted.window / 2) {
		args->wait_ms = 0;
		return true;
	}
	/* A call that is parked keeps the lease. */
	if (c->flights.flying > 0)
		return false;
	if (now >= renew || expects_answers(c))
		return true;
	/* A user who thinks makes no progress either. */
	patience_is_rewarded(&c->patience, now);
	c->due = MIN_OF(c->due, renew);
	return false;
}

/*
 * Whether another call may be made while others are in flight.  Answers come
 * after what was sent: where a connection never carries a whole window, none
 * would tell what the server has taken of it.
 */
static bool
may_fly(const struct client_stream *c)
{
	if (c->flights.flying == 0)
		return true;
	return c->phase == CLIENT_TALKING && !patience_is_wary(&c->patience) &&
	    c->flights.flying < c->terms.flights &&
	    (!c->flights.fresh || c->flights.seizing == 0);
}

static enum client_step
make_call(struct client_stream *c, uint64_t now, struct client_call *call)
{
	segment *piece = NULL;

	memset(call, 0, sizeof(*call));
	call->takes_over = true;
	if (c->phase == CLIENT_GREETING) {
		call->kind = CLIENT_GREET;
	} else if (c->phase == CLIENT_OPENING) {
		call->kind = CLIENT_OPEN;
		fill_open(c, now, &call->args.open);
		piece = &call->args.open.piece;
	} else {
		call->kind = CLIENT_EXCHANGE;
		if (!fill_exchange(c, now, &call->args.exchange) &&
		    c->phase != CLIENT_ENDED)
			return CLIENT_IDLE;
		piece = &call->args.exchange.piece;
		call->takes_over = !call->args.exchange.ahead;
	}
	if (c->phase == CLIENT_ENDED)
		return CLIENT_OVER;
	if (piece != NULL) {
		call->credit = piece->window;
		call->pushes = piece->messages.messages_len > 0;
		c->untold = 0;
	}
	if (c->flights.flying == 0)
		patience_asks(&c->patience, now);
	flights_begin(&c->flights, call);
	c->last_call = now;
	return CLIENT_CALL;
}

bool
client_stream_renew(
    struct client_stream *c, uint64_t now, struct client_call *call)
{
	exchange_args *args = &call->args.exchange;

	if (c->phase != CLIENT_TALKING)
		return false;
	memset(call, 0, sizeof(*call));
	call->kind = CLIENT_EXCHANGE;
	call->renews = true;
	memcpy(args->stream, c->name, sizeof(args->stream));
	args->piece.first = c->sending.taken;
	args->piece.last = c->sending.taken == c->sending.end;
	args->piece.next = c->next;
	c->last_call = now;
	return true;
}

enum client_step
client_stream_next(
    struct client_stream *c, uint64_t now, struct client_call *call)
{
	if (c->phase != CLIENT_ENDED && now >= c->deadline)
		client_stream_give_up(
		    c, STATUS_DEADLINE_EXCEEDED, "the deadline has passed");
	if (c->phase == CLIENT_ENDED)
		return CLIENT_OVER;
	c->due = c->deadline;
	if (now < c->patience.not_before) {
		c->due = MIN_OF(c->due, c->patience.not_before);
		return CLIENT_IDLE;
	}
	if (!may_fly(c))
		return CLIENT_IDLE;
	return make_call(c, now, call);
}
