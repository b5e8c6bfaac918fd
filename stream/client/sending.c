#include "stream/client/sending.h"

#include "base/base.h"
#include "stream/segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Messages that are asked for at once: those that then do not fit are few. */
enum { AT_ONCE = 32 };

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
	s->first = first;
	s->taken = first;
	s->sent = first;
	s->bytes = 0;
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

/* The messages from there on, of which *found become known.  As
 * sending_gather(). */
static int
ask(struct sending *s, uint64_t number, message *m, u_int *found)
{
	*found = MIN_OF(*found, (u_int)AT_ONCE);
	switch (s->source(s->context, number, m, found)) {
	case 0:
		return 0;
	case CLIENT_SOURCE_END:
		s->end = number;
		return SENDING_NOTHING;
	case CLIENT_SOURCE_GONE:
		return SENDING_GONE;
	default:
		return SENDING_NOTHING;
	}
}

/* One that is there. */
static bool
ask_one(const struct sending *s, uint64_t number, message *m)
{
	u_int found = 1;

	return s->source(s->context, number, m, &found) == 0;
}

/* Bytes of messages in a call.  The server works on one call while others are
 * on their way, or are answered. */
static size_t
room_of_call(const struct sending *s)
{
	return MIN_OF(s->call_max, (size_t)s->window / s->shares);
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

/* How many of these go too, when *total is what those of this call cost. */
static u_int
count_fitting(const struct sending *s, const message *m, u_int count,
    size_t room, size_t *total)
{
	size_t window = s->window - MIN_OF(s->window, s->on_the_way);
	size_t left = MIN_OF(room, window), cost;
	u_int i;

	for (i = 0; i < count && m[i].message_len <= s->message_max; i++) {
		cost = message_cost(m[i].message_len);
		if (!segment_fits(cost, *total, left) ||
		    (*total == 0 &&
			!segment_fits(cost, s->on_the_way, s->window)))
			break;
		*total += cost;
	}
	return i;
}

/* Finds the messages that go into a call, and what they cost. */
static int
gather(struct sending *s, u_int *count, size_t *total)
{
	size_t room = room_of_call(s);
	u_int found, went;
	message *m;
	int r;

	while (*count < SEGMENT_MAX && s->cursor + *count < s->end) {
		m = &s->scratch[*count];
		found = SEGMENT_MAX - *count;
		r = ask(s, s->cursor + *count, m, &found);
		if (r != 0)
			return r;
		went = count_fitting(s, m, found, room, total);
		*count += went;
		if (went < found)
			return m[went].message_len > s->message_max
			    ? SENDING_TOO_LONG
			    : 0;
	}
	return 0;
}

int
sending_gather(struct sending *s, segment *piece)
{
	size_t total = 0;
	u_int count = 0;
	int r = s->window > 0 ? gather(s, &count, &total) : 0;

	piece->first = s->cursor;
	piece->messages.messages_val = s->scratch;
	piece->messages.messages_len = count;
	for (u_int i = (u_int)MIN_OF(s->sent - s->cursor, (uint64_t)count);
	     i < count; i++)
		s->bytes += s->scratch[i].message_len;
	s->cursor += count;
	s->on_the_way += total;
	if (count > 0)
		add_run(s, total);
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
		if (ask_one(s, from, &m))
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
		if (ask_one(s, from, &m) && m.message_len > s->message_max)
			break;
	return from;
}
