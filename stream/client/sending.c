#include "stream/client/sending.h"

#include "base/base.h"
#include "stream/segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
sending_init(struct sending *s, client_source_fn *source, void *context,
    unsigned int shares)
{
	*s = (struct sending){
		.source = source,
		.context = context,
		.shares = shares,
		.end = SENDING_NEVER,
	};
	s->scratch = calloc(SEGMENT_MAX, sizeof(message));
	return s->scratch != NULL ? 0 : -ENOMEM;
}

void
sending_deinit(struct sending *s)
{
	free(s->scratch);
	s->scratch = NULL;
}

void
sending_start(struct sending *s, uint64_t first)
{
	s->taken = first;
	s->sent = first;
	s->window = 0;
	sending_rewind(s);
}

void
sending_rewind(struct sending *s)
{
	s->cursor = s->taken;
	s->on_the_way = 0;
	s->runs = 0;
}

/* The next message of the input, as sending_gather(). */
static int
next_message(struct sending *s, message *m)
{
	switch (s->source(s->context, s->cursor, m)) {
	case 0:
		break;
	case CLIENT_SOURCE_END:
		s->end = s->cursor;
		return SENDING_NOTHING;
	case CLIENT_SOURCE_GONE:
		return SENDING_GONE;
	default:
		return SENDING_NOTHING;
	}
	return m->message_len > s->message_max ? SENDING_TOO_LONG : 0;
}

/* Bytes of messages in a call.  The server works on one call while others are
 * on their way, or are answered. */
static size_t
room_of_call(const struct sending *s)
{
	size_t most = message_cost(s->message_max);

	return MIN_OF(most, (size_t)s->window / s->shares);
}

/* Where there is no room for one more run, the last is longer. */
static void
add_run(struct sending *s, size_t cost)
{
	if (s->runs == SENDING_RUNS)
		s->run[SENDING_RUNS - 1].cost += cost;
	else
		s->run[s->runs++].cost = cost;
	s->run[s->runs - 1].after = s->cursor;
}

int
sending_gather(struct sending *s, segment *piece)
{
	size_t room = room_of_call(s), total = 0, cost;
	u_int count = 0;
	message *m;
	int r = 0;

	piece->first = s->cursor;
	piece->messages.messages_val = s->scratch;
	while (s->window > 0 && count < SEGMENT_MAX && s->cursor < s->end) {
		m = &s->scratch[count];
		r = next_message(s, m);
		if (r != 0)
			break;
		cost = message_cost(m->message_len);
		if (!segment_fits(cost, s->on_the_way, s->window) ||
		    !segment_fits(cost, total, room))
			break;
		total += cost;
		s->on_the_way += cost;
		s->cursor++;
		count++;
	}
	if (count > 0)
		add_run(s, total);
	piece->messages.messages_len = count;
	piece->last = sending_is_at_end(s);
	s->sent = MAX_OF(s->sent, s->cursor);
	/* Those before it go first. */
	return r == SENDING_TOO_LONG && count > 0 ? 0 : r;
}

bool
sending_is_at_end(const struct sending *s)
{
	return s->cursor == s->end;
}

/* What the first messages of a run cost, while the source still has them. */
static size_t
cost_of(const struct sending *s, uint64_t from, uint64_t next)
{
	size_t cost = 0;
	message m;

	for (; from < next; from++)
		if (s->source(s->context, from, &m) == 0)
			cost += message_cost(m.message_len);
	return cost;
}

/* Those below next are on their way no more. */
static void
land_until(struct sending *s, uint64_t next)
{
	uint64_t from = s->taken;
	unsigned int whole = 0;
	size_t part;

	while (whole < s->runs && s->run[whole].after <= next) {
		s->on_the_way -= s->run[whole].cost;
		from = s->run[whole++].after;
	}
	s->runs -= whole;
	memmove(s->run, s->run + whole, s->runs * sizeof(*s->run));
	if (s->runs == 0 || from >= next)
		return;
	part = cost_of(s, from, next);
	part = MIN_OF(part, s->run[0].cost);
	s->run[0].cost -= part;
	s->on_the_way -= part;
}

void
sending_acknowledge(struct sending *s, uint64_t next, uint32_t window)
{
	s->window = window;
	if (next <= s->taken)
		return;
	if (next < s->cursor)
		land_until(s, next);
	s->taken = next;
	if (s->cursor <= s->taken)
		sending_rewind(s);
}

uint32_t
sending_longest(uint32_t bytes)
{
	uint32_t frame = (uint32_t)message_cost(0);

	return bytes < frame ? 0 : (bytes - frame) / 4 * 4;
}

uint64_t
sending_first_long(const struct sending *s, uint64_t from)
{
	message m;

	for (; from < s->taken; from++)
		if (s->source(s->context, from, &m) == 0 &&
		    m.message_len > s->message_max)
			break;
	return from;
}
