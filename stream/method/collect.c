/*
 * COLLECT: the messages joined as they come, reversed at the end: a long text
 * in steps, so that others have a turn in between.
 */
#include "base/base.h"
#include "base/block.h"
#include "stream/method/checker.h"
#include "stream/method/methods.h"
#include "stream/server/stream.h"
#include "text/text.h"
#include "text/whole.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of text that one step reverses. */
enum { STEP = 64 * 1024 };

struct collect {
	uint8_t *text;
	size_t len;
	size_t size;
	struct checker checker;

	/* Going out. */
	uint8_t *out; /* room for all of it; NULL before the first step */
	size_t put;   /* what is there */
	struct text_whole plan;
	const uint8_t *block;    /* what the plan has seen last */
	struct text_range range; /* of one unit longer than a step, the rest */
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
	text = block_resize(collect->text, collect->size, &size, max);
	if (text == NULL)
		return -ENOMEM;
	collect->text = text;
	collect->size = MIN_OF(size, max);
	return 0;
}

static void
collect_refuse(struct stream *s)
{
	const struct collect *collect = s->state;

	stream_end_not_utf8(s, collect->checker.message, collect->checker.byte);
}

/* Whether the checker stands between two characters: where the last one began
 * does not matter then. */
static bool
is_between(const struct collect *collect)
{
	return collect->checker.check.rest.length == 0;
}

/* Checks and counts messages that were added: all at once, or, where that does
 * not do, one by one, to know in which of them a character began. */
static void
check(struct stream *s, const message *m, u_int count, size_t bytes)
{
	struct collect *collect = s->state;
	const struct checker before = collect->checker;

	/* Where no bytes came there may be no text. */
	if (count > 1 && bytes > 0 &&
	    checker_feed(&collect->checker, s->in_next,
		collect->text + collect->len - bytes, bytes) == 0 &&
	    is_between(collect)) {
		stream_took(s, count, bytes);
		return;
	}
	collect->checker = before;
	for (; count > 0 && !s->ended; m++, count--) {
		if (checker_feed(&collect->checker, s->in_next, m->message_val,
			m->message_len) != 0)
			collect_refuse(s);
		stream_took(s, 1, m->message_len);
	}
}

/* How many of the messages the text has room for, and their bytes. */
static u_int
count_fitting(const struct collect *collect, size_t max, const message *m,
    u_int count, size_t *bytes)
{
	size_t room = max - collect->len;
	u_int n = 0;

	for (*bytes = 0; n < count; n++) {
		if (m[n].message_len > room - *bytes)
			break;
		*bytes += m[n].message_len;
	}
	return n;
}

static void
append(struct collect *collect, const message *m, u_int count)
{
	uint8_t *at = collect->text + collect->len;

	for (; count > 0; m++, count--) {
		if (m->message_len > 0)
			memcpy(at, m->message_val, m->message_len);
		at += m->message_len;
	}
	collect->len = (size_t)(at - collect->text);
}

static int
collect_take(struct stream *s, const message *m, u_int count)
{
	struct collect *collect = s->state;
	size_t max = s->world->limits.message_max, bytes;
	u_int fit = count_fitting(collect, max, m, count, &bytes);

	if (collect_grow(collect, bytes, max) != 0)
		return -ENOMEM;
	if (bytes > 0)
		append(collect, m, fit);
	if (text_by_is_checked((enum text_by)s->unit))
		check(s, m, fit, bytes);
	else
		stream_took(s, fit, bytes);
	if (fit < count && !s->ended) {
		stream_end_after_answers(s, STATUS_RESOURCE_EXHAUSTED,
		    "longer than one message in sum: use WHOLE "
		    "(reverse whole)",
		    s->in_next, 0);
		stream_took(s, 1, m[fit].message_len);
	}
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

/* The next part of one unit that is longer than a step. */
static size_t
copy(struct collect *collect)
{
	struct text_range *range = &collect->range;
	size_t len = (size_t)MIN_OF(range->length, (uint64_t)STEP);

	memcpy(collect->out + collect->put, collect->text + range->offset, len);
	collect->put += len;
	range->offset += len;
	range->length -= len;
	return len;
}

/* The checker found the text good, whatever the unit. */
static size_t
reverse(struct stream *s)
{
	struct collect *collect = s->state;
	const struct text_range *range = &collect->range;
	size_t len = (size_t)range->length;

	text_reverse(collect->out + collect->put,
	    collect->block + range->in_block, len, (enum text_by)s->unit, NULL);
	collect->put += len;
	collect->range.length = 0;
	return len;
}

/* Shows the plan what it wants to see.  Returns what that cost: it may look for
 * the beginning of a unit through many blocks. */
static size_t
look(struct collect *collect)
{
	size_t len = (size_t)collect->range.length;

	collect->block = collect->text + collect->range.offset;
	collect->range.length = 0;
	text_whole_seen(&collect->plan, collect->block);
	return collect->plan.walking ? len : 0;
}

/* What the plan wants next: one look, or some text. */
static size_t
follow_plan(struct stream *s)
{
	struct collect *collect = s->state;
	size_t cost = METHOD_STEP_COST;
	enum text_whole_todo todo =
	    text_whole_next(&collect->plan, &collect->range);

	if (todo == TEXT_WHOLE_READ) {
		cost += look(collect);
		if (collect->plan.walking)
			return cost;
		todo = text_whole_next(&collect->plan, &collect->range);
	}
	if (todo == TEXT_WHOLE_REVERSE)
		cost += reverse(s);
	else if (todo == TEXT_WHOLE_COPY)
		cost += copy(collect);
	return cost;
}

/* Returns false when there is no room, and the stream has ended. */
static bool
begin(struct stream *s)
{
	struct collect *collect = s->state;

	collect->out = stream_reserve(s, collect->len);
	return collect->out != NULL &&
	    text_whole_init(
		&collect->plan, collect->len, STEP, (enum text_by)s->unit) == 0;
}

static size_t
collect_next_step(const struct stream *s)
{
	const struct collect *collect = s->state;

	return s->in_closed ? MIN_OF(collect->len - collect->put, (size_t)STEP)
			    : 0;
}

static size_t
collect_step(struct stream *s)
{
	struct collect *collect = s->state;
	size_t cost;

	if (!s->in_closed)
		return 0;
	if (stream_is_unwanted(s)) {
		stream_skip(s);
		stream_finish(s);
		return METHOD_STEP_COST;
	}
	if (collect->out == NULL && !begin(s))
		return 0;
	cost = collect->range.length > 0 ? copy(collect) : follow_plan(s);
	if (collect->put == collect->len) {
		stream_commit(s, collect->len);
		stream_finish(s);
	}
	return cost;
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

	block_free(collect->text, collect->size);
	free(collect);
	s->state = NULL;
}

const struct method collect_method = {
	.traits = &method_traits[METHOD_COLLECT],
	.start = collect_start,
	.take = collect_take,
	.closed = collect_closed,
	.next_step = collect_next_step,
	.work = stream_steps,
	.step = collect_step,
	.memory_in = collect_memory,
	.stop = collect_stop,
};
