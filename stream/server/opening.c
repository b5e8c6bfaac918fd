#include "stream/server/opening.h"

#include "base/base.h"
#include "stream/metadata.h"
#include "stream/method/methods.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *
opening_refuses(const open_args *args)
{
	const struct method *method = method_find(args->method);

	if (method == NULL)
		return "no such method";
	if (args->unit < UNIT_GRAPHEME || args->unit > UNIT_LINE)
		return "no such unit";
	if (args->piece.next >= NUMBER_END)
		return "numbers end below 2^63";
	if (method->traits->paired && args->piece.next < args->piece.first)
		return "next is below first: those answers will never come";
	return NULL;
}

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
opening_repeats(const struct stream *s, const open_args *args)
{
	return method_find(args->method) == s->method &&
	    args->unit == s->unit && args->pace_ms == s->pace_ms &&
	    largest_of(s->world, s->method, args) == s->largest &&
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
	s->method = method_find(args->method);
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
stream_new(struct stream_world *world, struct stream_client *client,
    const open_args *args, const struct stream_call *call)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->world = world;
	s->client = client;
	s->opener = call->host;
	s->connection = call->connection;
	s->unproven = call->datagram;
	TAILQ_INIT(&s->parked);
	timer_init(&s->timer);
	set_terms(s, args);
	set_numbers(s, &args->piece);
	if (keep_echo(s, &args->context) == 0 &&
	    (s->method->start == NULL || s->method->start(s) == 0))
		return s;
	stream_free(s);
	return NULL;
}
