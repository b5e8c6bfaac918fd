#include "stream/server/stream.h"

#include "base/base.h"
#include "stream/metadata.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What comes back with the end.  Returns 0 or -ENOMEM. */
static int
keep_echo(struct stream *s, const call_context *context)
{
	stream_end *end = &s->end;

	if (!metadata_echo(context, &end->metadata.metadata_len,
		&end->metadata.metadata_val))
		return -ENOMEM;
	s->echo_size = metadata_size(
	    end->metadata.metadata_val, end->metadata.metadata_len);
	return 0;
}

static uint32_t
largest_of(const struct stream_world *world, const struct method *method,
    const open_args *args)
{
	uint32_t largest = args->largest;

	if (largest == 0)
		largest = method->traits->largest;
	if (largest == 0 || largest > world->limits.message_max)
		largest = world->limits.message_max;
	return largest;
}

bool
stream_repeats(
    const struct stream *s, const struct method *method, const open_args *args)
{
	return method == s->method && args->unit == s->unit &&
	    args->pace_ms == s->pace_ms &&
	    largest_of(s->world, method, args) == s->largest &&
	    args->piece.first == s->opened_first &&
	    args->piece.next == s->opened_next;
}

/* The numbers both sequences start with. */
static void
set_numbers(struct stream *s, const segment *piece)
{
	size_t limit =
	    (size_t)s->world->limits.window + s->world->limits.message_max;
	uint64_t first = s->method->traits->paired ? piece->first : 0;

	fifo_init(&s->in, first, limit);
	fifo_init(&s->out, piece->next, limit);
	s->in_next = first;
	s->produced = first;
	s->cursor = fifo_begin(&s->out);
	s->sent = piece->next;
}

static void
set_terms(struct stream *s, const open_args *args)
{
	s->unit = args->unit;
	s->pace_ms = args->pace_ms;
	s->largest = largest_of(s->world, s->method, args);
	memcpy(s->nonce, args->nonce, sizeof(s->nonce));
	s->opened_first = args->piece.first;
	s->opened_next = args->piece.next;
	s->deadline = args->context.deadline_ms == 0
	    ? TIMER_NEVER
	    : s->world->now + args->context.deadline_ms;
	s->work_at = TIMER_NEVER;
}

struct stream *
stream_new(struct stream_world *world, const struct method *method,
    const open_args *args, const struct stream_call *call)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->world = world;
	s->method = method;
	s->opener = call->host;
	s->connection = call->connection;
	s->unproven = call->datagram;
	TAILQ_INIT(&s->parked);
	timer_init(&s->timer);
	charge_take(&s->bytes, call->peer, CHARGE_BYTES, 0);
	set_terms(s, args);
	set_numbers(s, &args->piece);
	if (keep_echo(s, &args->context) == 0 &&
	    (method->start == NULL || method->start(s) == 0))
		return s;
	stream_free(s);
	return NULL;
}

const char *
stream_refuses(const struct stream *s, const segment *piece)
{
	uint64_t count = piece->messages.messages_len;
	uint64_t after = segment_after(piece);
	uint64_t most = s->method->traits->messages_max;
	const char *wrong = segment_refuses(piece, s->sent);

	if (wrong != NULL)
		return wrong;
	if (count > 0 && after > most)
		return "this method takes exactly one message";
	if (s->in_closed && count > 0 && after > s->in_next)
		return "a message beyond the end";
	if (piece->last && after < s->in_next)
		return "the end is before a message that has come";
	if (piece->last && s->in_closed && after != s->in_next)
		return "the end is not where it was";
	if (piece->last && most < NUMBER_END && after != most)
		return "this method takes exactly one message";
	return NULL;
}

uint32_t
stream_window(const struct stream *s)
{
	if (s->ended)
		return 0;
	return s->method->window != NULL ? s->method->window(s)
					 : s->world->limits.window;
}

void
stream_acknowledge(struct stream *s, uint64_t next)
{
	if (next <= s->out.first)
		return;
	/* Numbers that OPEN acknowledged ahead were never put. */
	fifo_drop_below(&s->out, MIN_OF(next, s->out.next));
	if (s->cursor.number < s->out.first)
		s->cursor = fifo_begin(&s->out);
}

static int
take_messages(struct stream *s, const segment *piece)
{
	uint64_t before = s->in_next - piece->first;

	if (piece->first > s->in_next || segment_after(piece) <= s->in_next ||
	    stream_window(s) == 0)
		return 0;
	return s->method->take(s, piece->messages.messages_val + before,
	    piece->messages.messages_len - (u_int)before);
}

int
stream_take(struct stream *s, const segment *piece)
{
	int r;

	r = take_messages(s, piece);
	if (r != 0 || s->ended || s->in_closed)
		return r;
	if ((piece->last && s->in_next == segment_after(piece)) ||
	    s->in_next == s->method->traits->messages_max) {
		s->in_closed = true;
		if (s->method->closed != NULL)
			s->method->closed(s);
	}
	return 0;
}

bool
stream_took_all(const struct stream *s, const segment *piece)
{
	return s->ended || piece->messages.messages_len == 0 ||
	    segment_after(piece) <= s->in_next;
}

void
stream_renew(struct stream *s)
{
	const struct streams_limits *limits = &s->world->limits;

	s->lease_until = s->world->now +
	    (s->unproven ? limits->unproven_lease_ms : limits->lease_ms);
	s->lease_lost = s->world->lost;
}

void
stream_skip(struct stream *s)
{
	assert(stream_is_unwanted(s));
	s->produced++;
}

void *
stream_cannot_answer(struct stream *s, size_t len)
{
	bool too_long = len > s->largest;

	stream_end_after_answers(s,
	    too_long ? STATUS_OUT_OF_RANGE : STATUS_RESOURCE_EXHAUSTED,
	    too_long ? "an answer is longer than the largest asked for"
		     : "out of memory",
	    s->method->traits->paired ? s->produced : 0, 0);
	return NULL;
}

static void
set_end(struct stream *s, status_code code, const char *detail)
{
	s->ended = true;
	fifo_cancel(&s->out);
	s->end_at = s->out.next;
	s->end.why.code = code;
	s->end.why.detail.detail_val = (char *)detail;
	s->end.why.detail.detail_len = (u_int)strlen(detail);
	if (code == STATUS_UNAVAILABLE)
		s->end.why.retry_after_ms = s->world->limits.retry_after_ms;
}

void
stream_end_after_answers(struct stream *s, status_code code, const char *detail,
    uint64_t at_message, uint64_t at_byte)
{
	if (s->ended)
		return;
	if (code == STATUS_OK && stream_is_unwanted(s)) {
		code = STATUS_INVALID_ARGUMENT;
		detail = "next is beyond the end of the answers";
	}
	set_end(s, code, detail);
	s->end.why.at_message = at_message;
	s->end.why.at_byte = at_byte;
}

void
stream_end_now(struct stream *s, status_code code, const char *detail)
{
	struct fifo_mark mark;

	if (s->ended)
		return;
	mark = fifo_find(&s->out, s->sent);
	fifo_truncate(&s->out, &mark);
	set_end(s, code, detail);
}

void
stream_told(struct stream *s)
{
	s->world->owing -= !s->end_told;
	s->end_told = true;
}

size_t
stream_memory_in(const struct stream *s)
{
	return s->in.size + (s->state != NULL ? s->method->memory_in(s) : 0);
}

size_t
stream_memory_out(const struct stream *s)
{
	bool more = s->state != NULL && s->method->memory_out != NULL;

	return s->out.size + (more ? s->method->memory_out(s) : 0);
}

/* Frees what only a stream that goes on needs. */
static void
release(struct stream *s)
{
	fifo_clear(&s->in);
	if (s->state != NULL)
		s->method->stop(s);
	/* Else it has answers to give. */
	if (s->parked_count == 0)
		stream_sleep(s);
}

static uint64_t
due(const struct stream *s)
{
	const struct stream_call *call;
	uint64_t at = TIMER_NEVER;

	if (!s->ended)
		at =
		    MIN_OF(s->deadline, s->is_ready ? TIMER_NEVER : s->work_at);
	if (s->parked_count == 0)
		return MIN_OF(at, stream_lease_end(s));
	TAILQ_FOREACH(call, &s->parked, link)
		at = MIN_OF(at, call->until);
	return at;
}

void
stream_account(struct stream *s)
{
	charge_set(&s->bytes,
	    sizeof(*s) + s->echo_size + stream_memory_in(s) +
		stream_memory_out(s));
}

void
stream_settle(struct stream *s)
{
	if (s->ended)
		release(s);
	stream_account(s);
	timers_set(&s->world->timers, &s->timer, due(s));
}

void
stream_free(struct stream *s)
{
	assert(s->parked_count == 0);
	release(s);
	fifo_clear(&s->out);
	timers_set(&s->world->timers, &s->timer, TIMER_NEVER);
	charge_release(&s->doubt);
	charge_release(&s->place);
	charge_release(&s->bytes);
	metadata_free(
	    &s->end.metadata.metadata_len, &s->end.metadata.metadata_val);
	free(s);
}
