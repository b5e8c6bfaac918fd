#include "stream/client/stream.h"

#include "base/base.h"
#include "stream/segment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEVER UINT64_MAX

/* Copies at most size bytes; returns how many. */
static size_t
keep(char *to, size_t size, const char *from, size_t len)
{
	len = MIN_OF(len, size);
	if (len > 0)
		memcpy(to, from, len);
	return len;
}

/* Ends it as the server says, or as a failure of our own. */
static void
end_with(struct client_stream *c, const failure *why)
{
	c->why = *why;
	c->why.detail.detail_val = c->detail;
	c->why.detail.detail_len = (u_int)keep(c->detail, sizeof(c->detail),
	    why->detail.detail_val, why->detail.detail_len);
	c->phase = CLIENT_ENDED;
}

static void
give_up(struct client_stream *c, status_code code, const char *detail)
{
	failure why = { .code = code };

	why.detail.detail_val = (char *)detail;
	why.detail.detail_len = (u_int)strlen(detail);
	end_with(c, &why);
}

/* Prepares a stream that goes on where the answers so far end. */
static void
start_over(struct client_stream *c)
{
	uint64_t first = c->terms.method == METHOD_EACH ? c->next : 0;

	c->phase = CLIENT_GREETING;
	c->named = false;
	c->ops->random(c->context, c->nonce, sizeof(c->nonce));
	c->taken = first;
	c->cursor = first;
	c->sent = first;
	c->on_the_way = 0;
	c->window = 0;
}

int
client_stream_init(struct client_stream *c,
    const struct client_stream_terms *terms,
    const struct client_stream_ops *ops, void *context, uint64_t now)
{
	memset(c, 0, sizeof(*c));
	c->terms = *terms;
	c->ops = ops;
	c->context = context;
	c->deadline = terms->deadline_ms > 0 ? now + terms->deadline_ms : NEVER;
	c->in_end = NEVER;
	c->scratch = calloc(SEGMENT_MAX, sizeof(message));
	if (c->scratch == NULL)
		return -ENOMEM;
	start_over(c);
	return 0;
}

void
client_stream_deinit(struct client_stream *c)
{
	free(c->scratch);
	c->scratch = NULL;
}

/* What was sent and not taken is to be sent again. */
static void
rewind_to_taken(struct client_stream *c)
{
	c->cursor = c->taken;
	c->on_the_way = 0;
}

/* Calls in flight mean nothing any more. */
static void
forget_calls(struct client_stream *c)
{
	c->connection++;
	c->flying = 0;
	c->pushing = 0;
	c->seizing = 0;
	c->fresh = true;
	rewind_to_taken(c);
}

/*
 * Something went wrong that may go right in a while, but not before so many
 * milliseconds.  Each time in a row it is given longer.
 */
static void
try_again(struct client_stream *c, uint64_t now, const failure *why,
    uint32_t not_before_ms)
{
	uint64_t pause = (uint64_t)c->terms.pause_ms << MIN_OF(c->attempts, 6u);

	if (++c->attempts >= c->terms.attempts)
		end_with(c, why);
	else
		c->not_before = now + MAX_OF(pause, (uint64_t)not_before_ms);
}

void
client_stream_lost(struct client_stream *c, uint64_t now, const char *detail)
{
	failure why = { .code = STATUS_UNAVAILABLE };

	why.detail.detail_val = (char *)detail;
	why.detail.detail_len = (u_int)strlen(detail);
	forget_calls(c);
	if (c->phase != CLIENT_ENDED)
		try_again(c, now, &why, 0);
}

/* The next message fits no call: the end, once all before it is answered. */
static void
stop_at_long(struct client_stream *c)
{
	char detail[DETAIL_MAX];

	if (c->terms.method == METHOD_EACH && c->next < c->cursor)
		return;
	snprintf(detail, sizeof(detail),
	    "message %" PRIu64 " is longer than a datagram takes, %" PRIu32
	    " bytes: use TCP",
	    c->cursor, c->message_max);
	give_up(c, STATUS_OUT_OF_RANGE, detail);
	c->why.at_message = c->cursor;
}

/*
 * Puts the messages that may go into the piece: as many as fit the window and
 * the call, or one of any size when nothing is on its way.  Learns where the
 * input ends.
 */
static void
gather(struct client_stream *c, segment *piece)
{
	size_t total = 0, cost;
	u_int count = 0;
	message *m;
	int r = 0;

	piece->first = c->cursor;
	piece->messages.messages_val = c->scratch;
	while (c->window > 0 && count < SEGMENT_MAX && c->cursor < c->in_end) {
		m = &c->scratch[count];
		r = c->ops->message(c->context, c->cursor, m);
		if (r != 0)
			break;
		if (m->message_len > c->message_max) {
			if (count == 0)
				stop_at_long(c);
			break;
		}
		cost = message_cost(m->message_len);
		if (c->on_the_way > 0 &&
		    (c->on_the_way > c->window ||
			cost > c->window - c->on_the_way))
			break;
		/* A call holds one message of the greatest size. */
		if (cost > message_cost(c->message_max) - total)
			break;
		total += cost;
		c->on_the_way += cost;
		c->cursor++;
		count++;
	}
	if (r == CLIENT_SOURCE_END)
		c->in_end = c->cursor;
	if (r == CLIENT_SOURCE_GONE)
		give_up(c, STATUS_UNAVAILABLE,
		    "the server lost the stream, and the input cannot be read "
		    "again");
	piece->messages.messages_len = count;
}

static void
fill_piece(struct client_stream *c, segment *piece)
{
	memset(piece, 0, sizeof(*piece));
	gather(c, piece);
	if (c->sent < c->cursor)
		c->sent = c->cursor;
	piece->last = c->cursor == c->in_end;
	piece->next = c->next;
	piece->window = (u_int)MIN_OF(
	    (size_t)c->terms.credit, message_cost(c->message_max));
}

/* Whether the server owes something that is worth waiting for. */
static bool
expects_answers(const struct client_stream *c)
{
	if (c->window == 0 || c->cursor == c->in_end)
		return true;
	switch (c->terms.method) {
	case METHOD_EACH:
		return c->next < c->cursor;
	case METHOD_SPELL:
		return c->cursor > 0;
	default:
		return false;
	}
}

static void
fill_open(struct client_stream *c, uint64_t now, open_args *args)
{
	memset(args, 0, sizeof(*args));
	rewind_to_taken(c);
	fill_piece(c, &args->piece);
	memcpy(args->nonce, c->nonce, sizeof(args->nonce));
	if (c->deadline != NEVER)
		args->context.deadline_ms = (u_int)(c->deadline - now);
	args->method = c->terms.method;
	args->unit = c->terms.unit;
	args->pace_ms = c->terms.pace_ms;
	args->largest = c->terms.largest;
	args->wait_ms = expects_answers(c) ? c->terms.wait_ms : 0;
}

/*
 * Returns whether there is a call worth making: one that takes the stream
 * over, pushes, says that the input has ended, waits for answers that no
 * other call waits for, or keeps the lease.
 */
static bool
fill_exchange(struct client_stream *c, uint64_t now, exchange_args *args)
{
	uint64_t end_before = c->in_end;
	uint64_t renew = c->last_call + c->lease_ms / 2;

	memset(args, 0, sizeof(*args));
	fill_piece(c, &args->piece);
	memcpy(args->stream, c->name, sizeof(args->stream));
	args->ahead = !c->fresh && c->terms.flights > 1;
	args->wait_ms = expects_answers(c) ? c->terms.wait_ms : 0;
	if (c->fresh || args->piece.messages.messages_len > 0 ||
	    c->in_end != end_before)
		return true;
	/* Calls that only wait leave room for those that push. */
	if (args->wait_ms > 0 && c->flying < (c->terms.flights + 1) / 2)
		return true;
	/* A call that is parked keeps the lease. */
	if (c->flying > 0)
		return false;
	if (now >= renew || expects_answers(c))
		return true;
	c->due = MIN_OF(c->due, renew);
	return false;
}

/* Whether another call may be made while others are in flight. */
static bool
may_fly(const struct client_stream *c)
{
	if (c->flying == 0)
		return true;
	return c->phase == CLIENT_TALKING && c->flying < c->terms.flights &&
	    (!c->fresh || c->seizing == 0);
}

static enum client_step
make_call(struct client_stream *c, uint64_t now, struct client_call *call)
{
	segment *piece = NULL;

	memset(call, 0, sizeof(*call));
	call->connection = c->connection;
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
	call->pushes = piece != NULL && piece->messages.messages_len > 0;
	c->pushing += call->pushes;
	c->seizing += call->takes_over;
	c->flying++;
	c->fresh = false;
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
	memcpy(args->stream, c->name, sizeof(args->stream));
	args->piece.first = c->taken;
	args->piece.last = c->taken == c->in_end;
	args->piece.next = c->next;
	c->last_call = now;
	return true;
}

enum client_step
client_stream_next(
    struct client_stream *c, uint64_t now, struct client_call *call)
{
	if (c->phase != CLIENT_ENDED && now >= c->deadline)
		give_up(c, STATUS_DEADLINE_EXCEEDED, "the deadline has passed");
	if (c->phase == CLIENT_ENDED)
		return CLIENT_OVER;
	c->due = c->deadline;
	if (now < c->not_before) {
		c->due = MIN_OF(c->due, c->not_before);
		return CLIENT_IDLE;
	}
	if (!may_fly(c))
		return CLIENT_IDLE;
	return make_call(c, now, call);
}

/*
 * Takes a call out of those in flight.  Returns whether its result still
 * means anything.
 */
static bool
land(struct client_stream *c, const struct client_call *call)
{
	if (call->connection != c->connection)
		return false;
	c->flying--;
	c->pushing -= call->pushes;
	c->seizing -= call->takes_over;
	return c->phase != CLIENT_ENDED;
}

/* The server has lost the stream, or gives it up. */
static void
replace(struct client_stream *c, uint64_t now, const failure *why)
{
	/* Results of its other calls mean nothing to the next stream. */
	forget_calls(c);
	try_again(c, now, why, why->retry_after_ms);
	if (c->phase != CLIENT_ENDED)
		start_over(c);
}

static void
refused(struct client_stream *c, uint64_t now, const failure *why)
{
	switch (why->code) {
	case STATUS_ABORTED:
		/* By a call of ours that is under way, or by somebody else. */
		if (c->seizing == 0)
			c->fresh = true;
		rewind_to_taken(c);
		break;
	case STATUS_NOT_FOUND:
	case STATUS_UNAVAILABLE:
		replace(c, now, why);
		break;
	case STATUS_RESOURCE_EXHAUSTED:
		rewind_to_taken(c);
		if (why->retry_after_ms > 0)
			try_again(c, now, why, why->retry_after_ms);
		else
			end_with(c, why);
		break;
	default:
		end_with(c, why);
	}
}

static bool
same(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

void
client_stream_greeted(struct client_stream *c, uint64_t now,
    const struct client_call *call, const greet_result *result)
{
	const greeting *hello = &result->greet_result_u.hello;

	if (!land(c, call))
		return;
	if (result->code != STATUS_OK) {
		refused(c, now, &result->greet_result_u.why);
		return;
	}
	if (c->next > 0 &&
	    !(same(hello->release.release_val, hello->release.release_len,
		  c->release, c->release_len) &&
		same(hello->unicode.unicode_val, hello->unicode.unicode_len,
		    c->unicode, c->unicode_len))) {
		give_up(c, STATUS_DATA_LOSS,
		    "the stream was lost, and another release cannot go on "
		    "with it");
		return;
	}
	c->release_len = keep(c->release, sizeof(c->release),
	    hello->release.release_val, hello->release.release_len);
	c->unicode_len = keep(c->unicode, sizeof(c->unicode),
	    hello->unicode.unicode_val, hello->unicode.unicode_len);
	c->window = hello->window;
	c->full_lease_ms = hello->lease_ms;
	c->message_max = MESSAGE_MAX;
	if (c->terms.datagram)
		c->message_max = MIN_OF(c->message_max, hello->datagram_max);
	c->phase = CLIENT_OPENING;
}

/* What is on its way, after the server has taken more of it. */
static void
count_on_the_way(struct client_stream *c)
{
	message m;

	c->on_the_way = 0;
	for (uint64_t n = c->taken; n < c->cursor; n++)
		if (c->ops->message(c->context, n, &m) == 0)
			c->on_the_way += message_cost(m.message_len);
}

static void
acknowledged(struct client_stream *c, const segment *piece)
{
	if (piece->next < c->taken)
		return;
	c->window = piece->window;
	if (piece->next > c->taken) {
		c->taken = piece->next;
		if (c->taken > c->best) {
			c->best = c->taken;
			c->attempts = 0;
		}
		if (c->cursor < c->taken)
			c->cursor = c->taken;
		count_on_the_way(c);
	}
	/* What is not taken and not on its way any more was refused. */
	if (c->pushing == 0)
		rewind_to_taken(c);
}

static void
receive(struct client_stream *c, const segment *piece)
{
	uint64_t number = piece->first;

	for (u_int i = 0; i < piece->messages.messages_len; i++, number++) {
		if (number < c->next)
			continue;
		if (number > c->next) {
			c->fresh = true;
			return;
		}
		c->ops->answer(
		    c->context, number, &piece->messages.messages_val[i]);
		c->next++;
		c->attempts = 0;
	}
}

static void
ended(struct client_stream *c, uint64_t now, const stream_end *end)
{
	c->messages_in = end->messages_in;
	c->bytes_in = end->bytes_in;
	c->bytes_out = end->bytes_out;
	if (end->why.code == STATUS_UNAVAILABLE)
		replace(c, now, &end->why);
	else
		end_with(c, &end->why);
}

static void
answered(struct client_stream *c, uint64_t now, const answer *a)
{
	uint64_t behind = a->piece.first + a->piece.messages.messages_len;
	uint64_t done;

	if (a->piece.next > c->sent ||
	    (a->piece.last != 0) != (a->end != NULL) ||
	    (a->piece.last && behind < c->next)) {
		give_up(
		    c, STATUS_INTERNAL, "the server contradicts itself or us");
		return;
	}
	receive(c, &a->piece);
	acknowledged(c, &a->piece);
	done = c->terms.method == METHOD_EACH ? MIN_OF(c->next, c->taken) : 0;
	c->ops->progress(c->context, c->taken, done);
	/* A user who thinks makes no progress either. */
	if (c->terms.method == METHOD_EACH && c->next == c->cursor)
		c->attempts = 0;
	if (a->piece.last && behind == c->next)
		ended(c, now, a->end);
}

void
client_stream_opened(struct client_stream *c, uint64_t now,
    const struct client_call *call, const open_result *result)
{
	const struct opened *started = &result->open_result_u.started;

	if (!land(c, call))
		return;
	if (result->code != STATUS_OK) {
		refused(c, now, &result->open_result_u.why);
		return;
	}
	memcpy(c->name, started->stream, sizeof(c->name));
	c->named = true;
	c->lease_ms = started->lease_ms;
	c->phase = CLIENT_TALKING;
	c->fresh = false;
	answered(c, now, &started->first_answer);
}

void
client_stream_exchanged(struct client_stream *c, uint64_t now,
    const struct client_call *call, const exchange_result *result)
{
	if (!land(c, call))
		return;
	if (result->code != STATUS_OK) {
		refused(c, now, &result->exchange_result_u.why);
		return;
	}
	if (c->terms.datagram)
		c->lease_ms = MAX_OF(c->lease_ms, c->full_lease_ms);
	answered(c, now, &result->exchange_result_u.answered);
}
