#include "stream/server/parked.h"

#include "base/base.h"
#include "stream/segment.h"

#include <string.h>

/* Of what a reply may be, it may be one of so many when memory is short. */
enum { SHORT_PART = 16 };

/* Bytes of messages that one reply may have: never more than one message of the
 * greatest size has. */
static size_t
reply_max(const struct stream *s)
{
	size_t longest = s->world->limits.message_max;

	return account_is_full(stream_peer(s)) ? longest / SHORT_PART
					       : message_cost(longest);
}

/* Failures that may pass by themselves say when to try again. */
static failure
failure_of(
    const struct stream_world *world, status_code code, const char *detail)
{
	failure why = { .code = code };

	why.detail.detail_val = (char *)detail;
	why.detail.detail_len = (u_int)strlen(detail);
	if (code == STATUS_RESOURCE_EXHAUSTED || code == STATUS_UNAVAILABLE)
		why.retry_after_ms = world->limits.retry_after_ms;
	return why;
}

void
call_fail(struct stream_world *world, struct stream_call *call,
    status_code code, const char *detail)
{
	open_result opened = { .code = code };
	exchange_result exchanged = { .code = code };

	if (call->opens) {
		opened.open_result_u.why = failure_of(world, code, detail);
		world->ops.answer_open(call, &opened);
	} else {
		exchanged.exchange_result_u.why =
		    failure_of(world, code, detail);
		world->ops.answer_exchange(call, &exchanged);
	}
}

void
parked_remove(struct stream_call *call)
{
	TAILQ_REMOVE(&call->stream->parked, call, link);
	call->stream->parked_count--;
	call->stream = NULL;
}

/*
 * Whether the message at the cursor may go to this call: it fits the credit,
 * or nothing else is on its way and the credit is not 0.
 */
static bool
has_message(const struct stream *s, const struct stream_call *call)
{
	if (call->credit == 0 || s->cursor.number == s->out.next)
		return false;
	return s->cursor.number == s->out.first ||
	    fifo_peek_cost(&s->out, &s->cursor) <= call->credit;
}

/* Whether the end fits a reply after total bytes of messages. */
static bool
end_fits(const struct stream *s, const struct stream_call *call, size_t total)
{
	return call->space == 0 ||
	    total +
		xdr_sizeof(
		    (xdrproc_t)xdr_stream_end, (void *)(uintptr_t)&s->end) <=
	    call->space;
}

static bool
is_at_end(const struct stream *s)
{
	return s->ended && s->cursor.number == s->end_at;
}

/* Whether there is no memory for the message that is due to this call, beside
 * those that wait to be sent already. */
static bool
is_too_much(const struct stream *s, const struct stream_call *call)
{
	return account_is_full(stream_peer(s)) && has_message(s, call) &&
	    fifo_peek_cost(&s->out, &s->cursor) > reply_max(s);
}

/* Whether the reply cannot carry what is due to this call. */
static bool
does_not_fit(const struct stream *s, const struct stream_call *call)
{
	if (has_message(s, call))
		return fifo_peek_cost(&s->out, &s->cursor) > call->room;
	return is_at_end(s) && !end_fits(s, call, 0);
}

/* Collects the messages for one answer in the scratch array. */
static u_int
gather(struct stream *s, const struct stream_call *call, size_t *bytes)
{
	size_t most = MIN_OF(reply_max(s), (size_t)call->room), room;
	const uint64_t before = s->cursor.at;
	u_int count;

	if (!has_message(s, call) || fifo_peek_cost(&s->out, &s->cursor) > most)
		return 0;
	room = MIN_OF(most, (size_t)call->credit);
	/* The first fits whatever the credit is. */
	count = fifo_get_some(
	    &s->out, &s->cursor, s->world->scratch, SEGMENT_MAX, room);
	*bytes = (size_t)(s->cursor.at - before);
	if (s->sent < s->cursor.number)
		s->sent = s->cursor.number;
	return count;
}

static answer
answer_of(struct stream *s, const struct stream_call *call)
{
	answer a = { .end = NULL };
	size_t bytes = 0;

	a.piece.first = s->cursor.number;
	a.piece.messages.messages_len = gather(s, call, &bytes);
	a.piece.messages.messages_val = s->world->scratch;
	a.piece.next = s->in_next;
	a.piece.window = stream_window(s);
	s->told_full = a.piece.window == 0;
	/* Where it does not fit it comes with the next answer. */
	if (is_at_end(s) && end_fits(s, call, bytes)) {
		a.piece.last = TRUE;
		a.end = &s->end;
	}
	return a;
}

static void
answer_call(struct stream *s, struct stream_call *call)
{
	open_result opened = { .code = STATUS_OK };
	exchange_result exchanged = { .code = STATUS_OK };
	struct opened *started = &opened.open_result_u.started;
	bool told = false;

	if (call->opens) {
		memcpy(started->stream, s->name, sizeof(token));
		started->lease_ms = (u_int)(s->lease_until - s->world->now);
		started->first_answer = answer_of(s, call);
		told = s->world->ops.answer_open(call, &opened) &&
		    started->first_answer.end != NULL;
	} else if (does_not_fit(s, call)) {
		call_fail(s->world, call, STATUS_OUT_OF_RANGE,
		    "what comes next does not fit a datagram: use TCP");
	} else if (is_too_much(s, call)) {
		call_fail(s->world, call, STATUS_RESOURCE_EXHAUSTED,
		    "the server is short of memory for the answer");
	} else {
		exchanged.exchange_result_u.answered = answer_of(s, call);
		told = s->world->ops.answer_exchange(call, &exchanged) &&
		    exchanged.exchange_result_u.answered.end != NULL;
	}
	if (told)
		stream_told(s);
}

static void
answer_parked(struct stream *s, struct stream_call *call)
{
	parked_remove(call);
	stream_renew(s);
	answer_call(s, call);
}

void
parked_add(struct stream *s, struct stream_call *call)
{
	if (s->parked_count >= s->world->limits.parked)
		answer_parked(s, TAILQ_FIRST(&s->parked));
	call->stream = s;
	TAILQ_INSERT_TAIL(&s->parked, call, link);
	s->parked_count++;
}

void
parked_keep(struct stream_call *call)
{
	struct stream *s = call->stream;
	struct stream_call *kept = s->world->ops.keep(call);

	if (kept == NULL) {
		answer_parked(s, call);
		stream_settle(s);
		return;
	}
	*kept = *call;
	TAILQ_INSERT_AFTER(&s->parked, call, kept, link);
	TAILQ_REMOVE(&s->parked, call, link);
}

static bool
has_waited(const struct stream *s, const struct stream_call *call)
{
	if (s->ended || call->until <= s->world->now || has_message(s, call))
		return true;
	return call->wants_room &&
	    stream_window(s) >= s->world->limits.window / 2;
}

void
parked_deliver(struct stream *s)
{
	struct stream_call *call;

	if (s->parked_count > 0 && stream_should_put_off(s)) {
		stream_wake(s);
		return;
	}
	/* Answering one may withdraw others: start again after each. */
	do {
		TAILQ_FOREACH(call, &s->parked, link)
			if (has_waited(s, call))
				break;
		if (call != NULL)
			answer_parked(s, call);
	} while (call != NULL);
}

void
parked_take_over(struct stream *s, const struct stream_call *call)
{
	struct stream_call *other;

	while ((other = TAILQ_FIRST(&s->parked)) != NULL) {
		parked_remove(other);
		stream_renew(s);
		s->world->ops.spend(s->world->context, PARKED_COST);
		call_fail(s->world, other, STATUS_ABORTED,
		    "another call took the stream over");
	}
	s->connection = call->connection;
	s->cursor = fifo_begin(&s->out);
}
