#include "stream/method/methods.h"

#include "base/base.h"
#include "stream/method/checker.h"
#include "stream/method/whole.h"
#include "text/text.h"
#include "text/whole.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANY_NUMBER NUMBER_END
#define NOT_UTF8   "not UTF-8"

static enum text_by
by_of(const struct stream *s)
{
	return (enum text_by)s->unit;
}

static uint32_t
window_full(const struct stream *s)
{
	return s->world->limits.window;
}

static size_t
no_memory(const struct stream *s)
{
	(void)s;
	return 0;
}

static int
start_nothing(struct stream *s)
{
	(void)s;
	return 0;
}

static void
do_nothing(struct stream *s)
{
	(void)s;
}

/*
 * EACH: messages wait in s->in until there is room for their answers.
 */

static uint32_t
each_window(const struct stream *s)
{
	uint32_t window = s->world->limits.window;

	return s->in.used < window ? window - (uint32_t)s->in.used : 0;
}

static int
each_take(struct stream *s, const message *m)
{
	return fifo_put(&s->in, m->message_val, m->message_len);
}

/* Returns whether the stream goes on. */
static bool
each_answer(struct stream *s, const void *text, size_t len)
{
	void *room;
	size_t bad_at = 0;

	if (stream_is_unwanted(s)) {
		stream_skip(s);
		return true;
	}
	room = stream_reserve(s, len);
	if (room == NULL)
		return false;
	if (text_reverse(room, text, len, by_of(s), &bad_at) != 0) {
		stream_end_after_answers(
		    s, STATUS_INVALID_ARGUMENT, NOT_UTF8, s->in.first, bad_at);
		return false;
	}
	stream_commit(s, len);
	return true;
}

static size_t
each_work(struct stream *s)
{
	struct fifo_mark mark = fifo_begin(&s->in);
	const void *text;
	size_t len;

	if (mark.number == s->in.next) {
		if (s->in_closed)
			stream_end_after_answers(s, STATUS_OK, "", 0, 0);
		return 0;
	}
	if (!stream_may_answer(s))
		return 0;
	text = fifo_get(&s->in, &mark, &len);
	if (each_answer(s, text, len))
		fifo_drop_below(&s->in, mark.number);
	return len + METHOD_STEP_COST;
}

/*
 * SPELL: one text, and a cursor that goes backward through its units.
 */

struct spell {
	uint8_t *text;
	size_t len;
	struct text_cursor cursor;
	uint64_t not_before; /* when the next unit may go */
	bool begun;          /* the text is known to be good */
};

static int
spell_start(struct stream *s)
{
	s->state = calloc(1, sizeof(struct spell));
	return s->state != NULL ? 0 : -ENOMEM;
}

static int
spell_take(struct stream *s, const message *m)
{
	struct spell *spell = s->state;

	spell->text = malloc(m->message_len > 0 ? m->message_len : 1);
	if (spell->text == NULL)
		return -ENOMEM;
	if (m->message_len > 0)
		memcpy(spell->text, m->message_val, m->message_len);
	spell->len = m->message_len;
	return 0;
}

static size_t
spell_begin(struct stream *s)
{
	struct spell *spell = s->state;
	size_t bad_at = 0;

	spell->begun = true;
	if (text_cursor_init(&spell->cursor, spell->text, spell->len, by_of(s),
		&bad_at) != 0)
		stream_end_after_answers(
		    s, STATUS_INVALID_ARGUMENT, NOT_UTF8, 0, bad_at);
	return spell->len + METHOD_STEP_COST;
}

static size_t
spell_unit(struct stream *s)
{
	struct spell *spell = s->state;
	const uint8_t *unit;
	size_t len;
	void *room;

	len = text_cursor_next(&spell->cursor, &unit);
	if (len == 0) {
		stream_end_after_answers(s, STATUS_OK, "", 0, 0);
	} else if (stream_is_unwanted(s)) {
		stream_skip(s);
	} else {
		room = stream_reserve(s, len);
		if (room == NULL)
			return 0;
		memcpy(room, unit, len);
		stream_commit(s, len);
		spell->not_before = s->world->now + s->pace_ms;
	}
	return len + METHOD_STEP_COST;
}

static size_t
spell_work(struct stream *s)
{
	struct spell *spell = s->state;

	s->work_at = TIMER_NEVER;
	if (spell->text == NULL)
		return 0;
	if (!spell->begun)
		return spell_begin(s);
	if (spell->cursor.end > 0) {
		if (!stream_may_answer(s))
			return 0;
		if (s->world->now < spell->not_before) {
			s->work_at = spell->not_before;
			return 0;
		}
	}
	return spell_unit(s);
}

static size_t
spell_memory(const struct stream *s)
{
	const struct spell *spell = s->state;

	return sizeof(*spell) + spell->len;
}

static void
spell_stop(struct stream *s)
{
	struct spell *spell = s->state;

	free(spell->text);
	free(spell);
	s->state = NULL;
}

/*
 * COLLECT: the messages joined as they come, reversed at the end.
 */

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

	stream_end_after_answers(s, STATUS_INVALID_ARGUMENT, NOT_UTF8,
	    collect->checker.message, collect->checker.byte);
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
	if (text_by_is_checked(by_of(s)) &&
	    checker_feed(&collect->checker, s->in_next, m->message_val,
		m->message_len) != 0)
		collect_refuse(s);
	return 0;
}

static void
collect_closed(struct stream *s)
{
	struct collect *collect = s->state;

	if (text_by_is_checked(by_of(s)) &&
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
		text_reverse(room, collect->text, collect->len, by_of(s), NULL);
		stream_commit(s, collect->len);
	}
	stream_end_after_answers(s, STATUS_OK, "", 0, 0);
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

static const struct method each = {
	.messages_max = ANY_NUMBER,
	.start = start_nothing,
	.window = each_window,
	.take = each_take,
	.closed = do_nothing,
	.work = each_work,
	.memory_in = no_memory,
	.memory_out = no_memory,
	.stop = do_nothing,
};

static const struct method spell = {
	.messages_max = 1,
	.start = spell_start,
	.window = window_full,
	.take = spell_take,
	.closed = do_nothing,
	.work = spell_work,
	.memory_in = spell_memory,
	.memory_out = no_memory,
	.stop = spell_stop,
};

static const struct method collect = {
	.messages_max = ANY_NUMBER,
	.start = collect_start,
	.window = window_full,
	.take = collect_take,
	.closed = collect_closed,
	.work = collect_work,
	.memory_in = collect_memory,
	.memory_out = no_memory,
	.stop = collect_stop,
};

const struct method *
method_find(stream_method number)
{
	switch (number) {
	case METHOD_COLLECT:
		return &collect;
	case METHOD_SPELL:
		return &spell;
	case METHOD_EACH:
		return &each;
	case METHOD_WHOLE:
		return &whole_method;
	}
	return NULL;
}
