/*
 * COLLECT: the messages joined as they come, reversed at the end.
 */
#include "base/base.h"
#include "stream/method/checker.h"
#include "stream/method/methods.h"
#include "stream/server/stream.h"
#include "text/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct collect {
	uint8_t *text;
	size_t len;
	size_t size;
	struct checker checker;
};

static int
collect_start(struct stream *s)
{
	struct collect *collect = calloc(1, sizeof(*collect));

	if (collect == NULL)
		return -ENOMEM;
	checker_init(&collect->checker);
	s->state = collect;
	return 0;
}

static int
collect_grow(struct collect *collect, size_t more, size_t max)
{
	size_t need = collect->len + more, size;
	uint8_t *text;

	if (need <= collect->size)
		return 0;
	size = MIN_OF(collect->size * 2 > need ? collect->size * 2 : need, max);
	text = realloc(collect->text, size);
	if (text == NULL)
		return -ENOMEM;
	collect->text = text;
	collect->size = size;
	return 0;
}

static void
collect_refuse(struct stream *s)
{
	const struct collect *collect = s->state;

	stream_end_not_utf8(s, collect->checker.message, collect->checker.byte);
}

static int
collect_take(struct stream *s, const message *m)
{
	struct collect *collect = s->state;
	size_t max = s->world->limits.message_max;

	if (m->message_len > max - collect->len) {
		stream_end_after_answers(s, STATUS_RESOURCE_EXHAUSTED,
		    "longer than one message in sum: use WHOLE", s->in_next, 0);
		return 0;
	}
	if (collect_grow(collect, m->message_len, max) != 0)
		return -ENOMEM;
	if (m->message_len > 0)
		memcpy(collect->text + collect->len, m->message_val,
		    m->message_len);
	collect->len += m->message_len;
	if (text_by_is_checked((enum text_by)s->unit) &&
	    checker_feed(&collect->checker, s->in_next, m->message_val,
		m->message_len) != 0)
		collect_refuse(s);
	return 0;
}

static void
collect_closed(struct stream *s)
{
	struct collect *collect = s->state;

	if (text_by_is_checked((enum text_by)s->unit) &&
	    checker_finish(&collect->checker) != 0)
		collect_refuse(s);
}

static size_t
collect_work(struct stream *s)
{
	struct collect *collect = s->state;
	void *room;

	if (!s->in_closed)
		return 0;
	if (stream_is_unwanted(s)) {
		stream_skip(s);
	} else {
		room = stream_reserve(s, collect->len);
		if (room == NULL)
			return 0;
		/* The checker found the text good, whatever the unit. */
		text_reverse(room, collect->text, collect->len,
		    (enum text_by)s->unit, NULL);
		stream_commit(s, collect->len);
	}
	stream_finish(s);
	return collect->len + METHOD_STEP_COST;
}

static size_t
collect_memory(const struct stream *s)
{
	const struct collect *collect = s->state;

	return collect->size;
}

static void
collect_stop(struct stream *s)
{
	struct collect *collect = s->state;

	free(collect->text);
	free(collect);
	s->state = NULL;
}

const struct method collect_method = {
	.traits = &method_traits[METHOD_COLLECT],
	.start = collect_start,
	.take = collect_take,
	.closed = collect_closed,
	.work = collect_work,
	.memory_in = collect_memory,
	.stop = collect_stop,
};
