#include "stream/server/turns.h"

#include "base/base.h"

/* What one stream does before the next one has a turn. */
#define QUANTUM ((int64_t)65536)

uint64_t
streams_next_due(const struct streams *streams)
{
	const struct timer *first = timers_first(&streams->world.timers);

	return first != NULL ? first->due : TIMER_NEVER;
}

void
streams_tick(struct streams *streams, uint64_t now)
{
	struct timer *first;
	struct stream *s;

	while ((first = timers_first(&streams->world.timers)) != NULL &&
	    first->due <= now) {
		s = container_of(first, struct stream, timer);
		streams_enter(streams, now);
		if (s->parked_count == 0 && s->lease_until <= now) {
			streams_forget(streams, s);
			continue;
		}
		if (s->deadline <= now)
			stream_end_now(s, STATUS_DEADLINE_EXCEEDED,
			    "the deadline of the stream has passed");
		streams_go_on(streams, s);
	}
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
	int64_t left = (int64_t)world->limits.turn_bytes, quantum;
	struct stream *s;

	world->now = now;
	while (left > 0 && (s = TAILQ_FIRST(&world->ready)) != NULL) {
		quantum = MIN_OF(left, QUANTUM);
		world->budget = quantum;
		stream_sleep(s);
		streams_go_on(streams, s);
		/* A stream that only had to answer costs something too. */
		left -= quantum - world->budget + 1;
	}
	world->budget = left;
}

void
streams_disk_ready(struct streams *streams, uint64_t now)
{
	streams->world.disk->poll(streams->world.disk);
	streams_work(streams, now);
}

void
streams_end_all(struct streams *streams, uint64_t now)
{
	struct stream *s;

	streams_enter(streams, now);
	while ((s = TAILQ_FIRST(&streams->open)) != NULL) {
		stream_end_now(
		    s, STATUS_UNAVAILABLE, "the server is going away");
		streams_go_on(streams, s);
	}
}
