/*
 * EACH: each message reversed by itself.  Messages wait in s->in until there
 * is room for their answers.
 */
#include "stream/method/methods.h"
#include "stream/server/stream.h"
#include "text/text.h"

#include <errno.h>

static uint32_t
each_window(const struct stream *s)
{
	uint32_t window = s->world->limits.window;

	return s->in.used < window ? window - (uint32_t)s->in.used : 0;
}

static int
each_take(struct stream *s, const message *m, u_int count)
{
	const uint32_t window = s->world->limits.window;

	for (; count > 0 && s->in.used < window; m++, count--) {
		if (fifo_put(&s->in, m->message_val, m->message_len) != 0)
			return -ENOMEM;
		stream_took(s, 1, m->message_len);
	}
	return 0;
}

/* The next answer, which has the number of its message. */
static void
each_answer(struct stream *s, const void *text, size_t len)
{
	void *room;
	size_t bad_at = 0;

	if (stream_is_unwanted(s)) {
		stream_skip(s);
		return;
	}
	room = stream_reserve(s, len);
	if (room == NULL)
		return;
	if (text_reverse(room, text, len, (enum text_by)s->unit, &bad_at) != 0)
		stream_end_not_utf8(s, s->produced, bad_at);
	else
		stream_commit(s, len);
}

static size_t
each_next_step(const struct stream *s)
{
	struct fifo_mark mark = fifo_begin(&s->in);

	return mark.number == s->in.next ? 0 : fifo_peek_cost(&s->in, &mark);
}

static size_t
each_work(struct stream *s, size_t most)
{
	struct fifo_mark mark = fifo_begin(&s->in);
	size_t done = 0, len;
	const void *text;

	if (mark.number == s->in.next && s->in_closed)
		stream_finish(s);
	while (
	    mark.number < s->in.next && done < most && stream_may_answer(s)) {
		text = fifo_get(&s->in, &mark, &len);
		each_answer(s, text, len);
		done += len + METHOD_STEP_COST;
	}
	fifo_drop_below(&s->in, mark.number);
	return done;
}

const struct method each_method = {
	.traits = &method_traits[METHOD_EACH],
	.window = each_window,
	.take = each_take,
	.next_step = each_next_step,
	.work = each_work,
};
