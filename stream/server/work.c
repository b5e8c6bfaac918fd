/* How much a stream works before others have a turn. */
#include "base/base.h"
#include "stream/server/stream.h"

enum {
	/* What is left of a turn, if it is enough for any step but one that
	 * cannot be made shorter: of text, and of what that costs beside. */
	MUCH = 64 * 1024 + 1024,
	LITTLE = 16 * 1024, /* a step that never waits is shorter */
	SLICE = 8 * 1024,   /* what short steps come to before it is counted */
};

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

/* Whether something that costs so much should wait. */
static bool
is_too_long(const struct stream *s, size_t cost)
{
	return cost > MAX_OF(s->world->left, (size_t)LITTLE);
}

bool
stream_should_put_off(const struct stream *s)
{
	return s->world->hurried && s->world->left < MUCH &&
	    s->cursor.number != s->out.next &&
	    is_too_long(s, fifo_peek_cost(&s->out, &s->cursor));
}

/* What the stream may do now. */
static size_t
allowance(const struct stream *s)
{
	struct stream_world *world = s->world;
	bool must = world->must_step;
	size_t most;

	world->must_step = false;
	world->left = world->ops.spend(world->context, 0);
	most = MIN_OF(world->left, world->quantum);
	if (must)
		return MAX_OF(most, (size_t)1);
	if (world->left < MUCH && !s->ended &&
	    is_too_long(s, s->method->next_step(s)))
		return 0;
	return most;
}

void
stream_work(struct stream *s)
{
	struct stream_world *world = s->world;
	size_t most = allowance(s), slice, done;
	bool more = !s->ended;

	while (more && most > 0) {
		slice = MIN_OF(most, (size_t)SLICE);
		done = s->method->work(s, slice);
		more = done >= slice && !s->ended;
		world->left = world->ops.spend(world->context, done);
		most = MIN_OF(most - MIN_OF(done, most), world->left);
	}
	if (more)
		stream_wake(s);
}

size_t
stream_steps(struct stream *s, size_t most)
{
	size_t done = 0, n;

	do {
		n = s->method->step(s);
		done += n;
	} while (n > 0 && done < most && !s->ended);
	return done;
}
