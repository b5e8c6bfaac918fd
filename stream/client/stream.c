#include "stream/client/stream.h"

#include "base/base.h"
#include "stream/client/lies.h"
#include "stream/segment.h"

#include <errno.h>
#include <string.h>

#define NEVER UINT64_MAX

/* Milliseconds of a lease, whatever a server says: it is renewed at half. */
#define LEASE_LEAST 200
#define LEASE_MOST  600000

/* Nothing is known of the path. */
#define ANY_PATH UINT32_MAX

/* Prepares a stream that goes on where the answers so far end. */
static void
start_over(struct client_stream *c)
{
	c->phase = CLIENT_GREETING;
	c->named = false;
	c->ops->random(c->context, c->nonce, sizeof(c->nonce));
	sending_start(&c->sending, c->traits->paired ? c->next : 0);
	c->heard.here = 0;
	c->heard.end = HEARD_NO_END;
}

int
client_stream_init(struct client_stream *c,
    const struct client_stream_terms *terms,
    const struct client_stream_ops *ops, void *context, uint64_t now)
{
	memset(c, 0, sizeof(*c));
	c->terms = *terms;
	c->traits = &method_traits[terms->method];
	c->ops = ops;
	c->context = context;
	c->largest = terms->largest;
	c->path_max = ANY_PATH;
	c->deadline = terms->deadline_ms > 0 ? now + terms->deadline_ms : NEVER;
	if (sending_init(&c->sending, ops->messages, context, terms->flights) !=
	    0)
		return -ENOMEM;
	patience_init(&c->patience, terms->retry_ms, now);
	start_over(c);
	return 0;
}

void
client_stream_deinit(struct client_stream *c)
{
	sending_deinit(&c->sending);
}

void
client_stream_recall(struct client_stream *c)
{
	flights_forget(&c->flights);
	sending_rewind(&c->sending);
}

/*
 * Something went wrong that may go right in a while, but not before that many
 * milliseconds; or it ends, having been tried for long enough.
 */
static void
try_again(struct client_stream *c, uint64_t now, const failure *why,
    uint32_t floor_ms)
{
	uint32_t random = 0;

	c->ops->random(c->context, &random, sizeof(random));
	if (!patience_fails(&c->patience, now, floor_ms, random))
		ending_set(c, why);
}

void
client_stream_lost(struct client_stream *c, uint64_t now, const char *detail)
{
	failure why = ending_failure(STATUS_UNAVAILABLE, detail);
	bool failed_call = c->flights.flying > 0;

	client_stream_recall(c);
	if (c->phase == CLIENT_ENDED)
		return;
	/* Whoever is met next may be another server. */
	if (c->phase == CLIENT_OPENING)
		c->phase = CLIENT_GREETING;
	if (failed_call)
		try_again(c, now, &why, 0);
}

/* Each answer is as long as its message. */
static void
check_owed(struct client_stream *c)
{
	uint64_t number = sending_first_long(&c->sending, c->next);

	if (number < c->sending.taken)
		client_stream_give_up_long(c, number);
}

/* Answers can be cut shorter as long as none was heard: by another stream. */
static void
ask_for_shorter(struct client_stream *c)
{
	uint32_t largest = MAX_OF(c->path_max, 1u);

	if (c->traits->paired || c->next > 0 ||
	    (c->largest > 0 && c->largest <= largest))
		return;
	c->largest = largest;
	start_over(c);
}

/* In a datagram a call is no longer than a message may be, nor an answer. */
static void
set_longest(struct client_stream *c, uint32_t max)
{
	c->sending.message_max = max;
	c->sending.call_max =
	    message_cost(c->terms.datagram ? max : MESSAGE_MAX);
}

bool
client_stream_shrink(struct client_stream *c, uint32_t bytes)
{
	uint32_t max = sending_longest(bytes);

	if (c->phase == CLIENT_ENDED || !c->terms.datagram ||
	    max >= c->path_max)
		return false;
	c->path_max = max;
	if (max >= c->sending.message_max)
		return false;
	set_longest(c, max);
	client_stream_recall(c);
	if (c->traits->paired)
		check_owed(c);
	ask_for_shorter(c);
	return true;
}

/* A call was answered.  Returns whether its result still means anything. */
static bool
land(struct client_stream *c, const struct client_call *call)
{
	return flights_end(&c->flights, call) && c->phase != CLIENT_ENDED;
}

/* What is not taken and not on its way any more was refused. */
static void
rewind_refused(struct client_stream *c)
{
	if (c->flights.pushing == 0)
		sending_rewind(&c->sending);
}

bool
client_stream_moves_on(struct client_stream *c)
{
	bool moves_on = c->moves_on;

	c->moves_on = false;
	return moves_on;
}

/* The server has lost the stream, or gives it up. */
static void
replace(struct client_stream *c, uint64_t now, const failure *why)
{
	failure unavailable = *why;
	bool moves_on = c->terms.others && why->code == STATUS_UNAVAILABLE;

	/* That it knows no such stream would tell nobody what is wrong. */
	unavailable.code = STATUS_UNAVAILABLE;
	/* Results of its other calls mean nothing to the next stream. */
	client_stream_recall(c);
	patience_starts_over(&c->patience);
	try_again(c, now, &unavailable, moves_on ? 0 : why->retry_after_ms);
	if (c->phase == CLIENT_ENDED)
		return;
	c->moves_on = moves_on;
	start_over(c);
}

/* By a later call of ours, which will tell what was taken; or by others, which
 * do not know its name: soon it is ours again, or the server is wrong. */
static void
aborted(struct client_stream *c, uint64_t now, const struct client_call *call,
    const failure *why)
{
	if (flights_overtook(&c->flights, call)) {
		if (c->flights.seizing == 0)
			rewind_refused(c);
		return;
	}
	c->flights.fresh = true;
	sending_rewind(&c->sending);
	if (patience_is_in_vain(&c->patience))
		try_again(c, now, why, 0);
	else
		patience_is_answered(&c->patience, now);
}

/* Returns whether it was. */
static bool
refused(struct client_stream *c, uint64_t now, const struct client_call *call,
    status_code code, const failure *why)
{
	if (code == STATUS_OK)
		return false;
	if (ending_by_lie(c, lies_in_failure(c, code, why)))
		return true;
	switch (why->code) {
	case STATUS_ABORTED:
		aborted(c, now, call, why);
		break;
	case STATUS_NOT_FOUND:
	case STATUS_UNAVAILABLE:
		replace(c, now, why);
		break;
	case STATUS_RESOURCE_EXHAUSTED:
		sending_rewind(&c->sending);
		if (why->retry_after_ms > 0)
			try_again(c, now, why, why->retry_after_ms);
		else
			ending_set(c, why);
		break;
	default:
		ending_set(c, why);
	}
	return true;
}

static uint32_t
bounded_lease(uint32_t ms)
{
	return MIN_OF(MAX_OF(ms, (uint32_t)LEASE_LEAST), (uint32_t)LEASE_MOST);
}

void
client_stream_greeted(struct client_stream *c, uint64_t now,
    const struct client_call *call, const greet_result *result)
{
	const greeting *hello = &result->greet_result_u.hello;
	const failure *why = &result->greet_result_u.why;
	uint32_t longest;

	if (!land(c, call) || refused(c, now, call, result->code, why))
		return;
	if (c->next > 0 && !greeted_agrees(&c->greeted, hello)) {
		client_stream_give_up(c, STATUS_DATA_LOSS,
		    "the stream was lost, and another release cannot go on "
		    "with it");
		return;
	}
	if (c->terms.datagram && c->path_max < hello->datagram_max)
		ask_for_shorter(c);
	greeted_keep(&c->greeted, hello);
	c->sending.window = hello->window;
	c->full_lease_ms = bounded_lease(hello->lease_ms);
	longest = MIN_OF(hello->message_max, (u_int)MESSAGE_MAX);
	if (c->terms.datagram)
		longest =
		    MIN_OF(longest, MIN_OF(hello->datagram_max, c->path_max));
	set_longest(c, longest);
	c->phase = CLIENT_OPENING;
	patience_is_answered(&c->patience, now);
}

static void
acknowledged(struct client_stream *c, uint64_t now, const segment *piece)
{
	struct sending *to = &c->sending;

	if (piece->next < to->taken)
		return;
	if (piece->next > to->taken)
		patience_goes_on(&c->patience);
	sending_acknowledge(to, piece->next, piece->window);
	if (to->taken > c->best)
		patience_is_rewarded(&c->patience, now);
	c->best = MAX_OF(c->best, to->taken);
	rewind_refused(c);
}

/* Takes note of the next answers. */
static void
hear(struct client_stream *c, const message *texts, u_int count)
{
	uint64_t bytes = 0;

	for (u_int i = 0; i < count; i++) {
		bytes += texts[i].message_len;
		c->untold += message_cost(texts[i].message_len);
	}
	c->next += count;
	c->heard.bytes += bytes;
	c->heard.here += bytes;
}

static void
receive(struct client_stream *c, uint64_t now, const segment *piece)
{
	uint64_t after = segment_after(piece);
	const message *texts;
	u_int count;

	if (after <= c->next)
		return;
	if (piece->first > c->next) {
		/* An empty one is nothing that is missed. */
		c->flights.fresh |= after > piece->first;
		return;
	}
	texts = piece->messages.messages_val + (c->next - piece->first);
	count = (u_int)(after - c->next);
	c->ops->answers(c->context, c->next, texts, count);
	hear(c, texts, count);
	patience_is_rewarded(&c->patience, now);
}

static void
ended(struct client_stream *c, uint64_t now, const stream_end *end)
{
	if (end->why.code == STATUS_UNAVAILABLE)
		replace(c, now, &end->why);
	else
		ending_set(c, &end->why);
}

/* Where the answers end, though some may be on their way. */
static void
note_end(struct client_stream *c, uint64_t after, const stream_end *end)
{
	c->heard.end = after;
	c->heard.code = end->why.code;
	c->messages_in = end->messages_in;
	c->bytes_in = end->bytes_in;
	c->bytes_out = end->bytes_out;
}

static void
answered(struct client_stream *c, uint64_t now, const struct client_call *call,
    const answer *a)
{
	const struct sending *to = &c->sending;
	uint64_t after = segment_after(&a->piece);
	bool paired = c->traits->paired;

	if (ending_by_lie(c, lies_in_answer(c, call, a)))
		return;
	if (a->end != NULL)
		note_end(c, after, a->end);
	patience_is_answered(&c->patience, now);
	receive(c, now, &a->piece);
	acknowledged(c, now, &a->piece);
	c->ops->progress(
	    c->context, to->taken, paired ? MIN_OF(c->next, to->taken) : 0);
	if (a->piece.last && after == c->next)
		ended(c, now, a->end);
}

void
client_stream_opened(struct client_stream *c, uint64_t now,
    const struct client_call *call, const open_result *result)
{
	const struct opened *started = &result->open_result_u.started;
	const failure *why = &result->open_result_u.why;

	if (!land(c, call) || refused(c, now, call, result->code, why))
		return;
	memcpy(c->name, started->stream, sizeof(c->name));
	c->named = true;
	c->lease_ms = bounded_lease(started->lease_ms);
	c->phase = CLIENT_TALKING;
	c->flights.fresh = false;
	answered(c, now, call, &started->first_answer);
}

void
client_stream_exchanged(struct client_stream *c, uint64_t now,
    const struct client_call *call, const exchange_result *result)
{
	const failure *why = &result->exchange_result_u.why;

	if (!land(c, call) || refused(c, now, call, result->code, why))
		return;
	if (c->terms.datagram)
		c->lease_ms = MAX_OF(c->lease_ms, c->full_lease_ms);
	answered(c, now, call, &result->exchange_result_u.answered);
}
