/* How much a stream works before others have a turn. */
#include "base/base.h"
#include "stream/server/stream.h"

enum {
	/* What is left of a turn, if it is enough for any step but one that
	 * cannot be made shorter: of text, and of what that costs beside. */
	MUCH = 64 * 1024 + 1024,
	LITTLE = 16 * 1024, /* a step that never waits is shorter */
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

bool
stream_should_put_off(const struct stream *s)
{
	const struct stream_world *world = s->world;

	return world->hurried && world->left < MUCH &&
	    s->cursor.number != s->out.next &&
	    fifo_peek_cost(&s->out, &s->cursor) >
	    MAX_OF(world->left, (size_t)LITTLE);
}

/* Whether the next step is long, and little is left. */
static bool
is_too_long(const struct stream *s, size_t left)
{
	return left < MUCH && !s->ended &&
	    s->method->next_step(s) > MAX_OF(left, (size_t)LITTLE);
}

/* What the stream may do now. */
static size_t
allowance(const struct stream *s)
{
	struct stream_world *world = s->world;
	bool must = world->must_step;

	world->must_step = false;
	world->left = world->ops.spend(world->context, 0);
	if (must)
		return MAX_OF(MIN_OF(world->left, world->quantum), (size_t)1);
	return is_too_long(s, world->left)
	    ? 0
	    : MIN_OF(world->left, world->quantum);
}

void
stream_work(struct stream *s)
{
	struct stream_world *world = s->world;
	size_t most = allowance(s), done;

	while (!s->ended && most > 0) {
		done = s->method->work(s);
		if (done == 0)
			return;
		world->left = world->ops.spend(world->context, done);
		most = MIN_OF(most - MIN_OF(done, most), world->left);
	}
	if (!s->ended)
		stream_wake(s);
}
