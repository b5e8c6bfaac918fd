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

/* As many messages as there is memory for.  Returns how many. */
static u_int
each_take_row(struct stream *s, const message *m, u_int count)
{
	struct fifo_row row = fifo_row_begin(&s->in, s->world->limits.window);
	void *room;

	for (; row.count < count; m++) {
		room = fifo_row_reserve(&row, m->message_len);
		if (room == NULL)
			break;
		if (m->message_len > 0)
			memcpy(room, m->message_val, m->message_len);
		fifo_row_commit(&row, m->message_len);
	}
	fifo_row_end(&s->in, &row);
	stream_took(s, row.count, row.text);
	return row.count;
}

/* One for which memory may have to be made. */
static int
each_take_one(struct stream *s, const message *m)
{
	if (fifo_put(&s->in, m->message_val, m->message_len) != 0)
		return -ENOMEM;
	stream_took(s, 1, m->message_len);
	return 0;
}

static int
each_take(struct stream *s, const message *m, u_int count)
{
	u_int n = 0;
	int r = 0;

	if (count == 1)
		return each_take_one(s, m);
	while (r == 0 && n < count && each_window(s) > 0) {
		n += each_take_row(s, m + n, count - n);
		if (n < count && each_window(s) > 0)
			r = each_take_one(s, &m[n++]);
	}
	return r;
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

/* As many answers as there is memory for, to messages from mark on that are as
 * they should be.  Returns what that cost. */
static size_t
each_answer_row(struct stream *s, struct fifo_mark *mark, size_t most)
{
	struct fifo_row row = stream_row_begin(s);
	struct fifo_mark at = *mark;
	size_t done = 0, len;
	const void *text;
	void *room;

	while (at.number < s->in.next && done < most) {
		text = fifo_get(&s->in, &at, &len);
		room = stream_row_reserve(s, &row, len);
		if (room == NULL ||
		    text_reverse(room, text, len, (enum text_by)s->unit, NULL))
			break;
		fifo_row_commit(&row, len);
		*mark = at;
		done += len + METHOD_STEP_COST;
	}
	stream_row_end(s, &row);
	return done;
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

	while (
	    mark.number < s->in.next && done < most && stream_may_answer(s)) {
		if (s->in.next - mark.number > 1)
			done += each_answer_row(s, &mark, most - done);
		if (mark.number == s->in.next || done >= most)
			break;
		text = fifo_get(&s->in, &mark, &len);
		each_answer(s, text, len);
		done += len + METHOD_STEP_COST;
	}
	fifo_drop_below(&s->in, mark.number);
	if (done < most && mark.number == s->in.next && s->in_closed)
		stream_finish(s);
	return done;
}

const struct method each_method = {
	.traits = &method_traits[METHOD_EACH],
	.window = each_window,
	.take = each_take,
	.next_step = each_next_step,
	.work = each_work,
};
