/* How much a stream works before others have a turn. */
#include "base/base.h"
#include "stream/server/stream.h"

/* Bytes of a step that waits when others are ready, too. */
enum { LONG_STEP = 16 * 1024 };

void
stream_wake(struct stream *s)
{
	if (s->is_ready)
		return;
	s->is_ready = true;
	TAILQ_INSERT_TAIL(&s->world->ready, s, ready);
}

void
stream_sleep(struct stream *s)
{
	if (s->is_ready)
		TAILQ_REMOVE(&s->world->ready, s, ready);
	s->is_ready = false;
}

static bool
is_next_step_long(const struct stream *s)
{
	return !s->ended && s->method->next_step(s) >= LONG_STEP;
}

void
stream_work(struct stream *s)
{
	struct stream_world *world = s->world;
	size_t left = world->ops.spend(world->context, 0), done;

	if (world->must_step)
		left = MAX_OF(left, (size_t)1);
	else if (left < LONG_STEP && is_next_step_long(s))
		left = 0;
	world->must_step = false;
	while (!s->ended && world->quantum > 0 && left > 0) {
		done = s->method->work(s);
		if (done == 0)
			return;
		world->quantum -= MIN_OF(done, world->quantum);
		left = world->ops.spend(world->context, done);
	}
	if (!s->ended)
		stream_wake(s);
}
