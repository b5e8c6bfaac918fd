#include "stream/server/turns.h"

#include "base/base.h"
#include "stream/server/parked.h"

enum {
	QUANTUM = 64 * 1024, /* what one stream does before the next one */
	STREAM_COST = 1024, /* what looking after one costs, as bytes of text */
	MEMORY_PART = 16,   /* of the bytes it has, one of so many adds one */
};

/* What it costs to answer all that wait on a stream, or to forget it. */
static size_t
cost(const struct stream *s)
{
	return STREAM_COST + s->parked_count * (size_t)PARKED_COST +
	    (size_t)s->bytes.amount / MEMORY_PART;
}

static bool
spend(struct streams *t, size_t bytes)
{
	return t->world.ops.spend(t->world.context, bytes) > 0;
}

uint64_t
streams_next_due(const struct streams *streams)
{
	const struct timer *first = timers_first(&streams->world.timers);

	return first != NULL ? first->due : TIMER_NEVER;
}

/* Something happens that no call waits for. */
static void
begin(struct streams *t, uint64_t now)
{
	streams_enter(t, now);
	t->world.hurried = false;
}

static void
tick_one(struct streams *streams, struct stream *s, uint64_t now)
{
	begin(streams, now);
	if (s->parked_count == 0 && stream_lease_end(s) <= now) {
		streams_forget(streams, s);
		return;
	}
	if (s->deadline <= now)
		stream_end_now(s, STATUS_DEADLINE_EXCEEDED,
		    "the deadline of the stream has passed");
	streams_go_on(streams, s);
}

void
streams_tick(struct streams *streams, uint64_t now)
{
	struct timer *first;
	struct stream *s;
	size_t costs;

	do {
		first = timers_first(&streams->world.timers);
		if (first == NULL || first->due > now)
			return;
		s = container_of(first, struct stream, timer);
		costs = cost(s);
		tick_one(streams, s, now);
	} while (spend(streams, costs));
}

bool
streams_has_work(const struct streams *streams)
{
	return !TAILQ_EMPTY(&streams->world.ready);
}

void
streams_work(struct streams *streams, uint64_t now)
{
	struct stream_world *world = &streams->world;
	struct stream *s;
	size_t costs;

	begin(streams, now);
	world->must_step = true;
	do {
		s = TAILQ_FIRST(&world->ready);
		if (s == NULL)
			break;
		world->quantum = QUANTUM;
		costs = cost(s);
		stream_sleep(s);
		streams_go_on(streams, s);
	} while (spend(streams, costs));
	world->must_step = false;
}

void
streams_disk_ready(struct streams *streams, uint64_t now)
{
	streams->world.disk->poll(streams->world.disk);
	streams_work(streams, now);
}

bool
streams_end_some(struct streams *streams, uint64_t now)
{
	struct stream *s;
	size_t costs;

	begin(streams, now);
	do {
		s = TAILQ_FIRST(&streams->open);
		if (s == NULL)
			return true;
		costs = cost(s);
		stream_end_now(
		    s, STATUS_UNAVAILABLE, "the server is going away");
		streams_go_on(streams, s);
	} while (spend(streams, costs));
	return TAILQ_EMPTY(&streams->open);
}

void
streams_end_all(struct streams *streams, uint64_t now)
{
	while (!streams_end_some(streams, now))
		continue;
}
