/*
 * SPELL: the units of one text, the last one first, an answer each.
 */
#include "base/block.h"
#include "stream/method/methods.h"
#include "stream/server/stream.h"
#include "text/whole.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct spell {
	uint8_t *text;
	size_t len;
	size_t size; /* of the memory at text */
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
spell_take(struct stream *s, const message *m, u_int count)
{
	struct spell *spell = s->state;

	(void)count; /* one: more are refused */
	spell->size = m->message_len > 0 ? m->message_len : 1;
	spell->text = block_new(&spell->size, 0);
	if (spell->text == NULL)
		return -ENOMEM;
	if (m->message_len > 0)
		memcpy(spell->text, m->message_val, m->message_len);
	spell->len = m->message_len;
	stream_took(s, 1, m->message_len);
	return 0;
}

static size_t
spell_begin(struct stream *s)
{
	struct spell *spell = s->state;
	size_t bad_at = 0;

	spell->begun = true;
	if (text_cursor_init(&spell->cursor, spell->text, spell->len,
		(enum text_by)s->unit, &bad_at) != 0)
		stream_end_not_utf8(s, 0, bad_at);
	return spell->len + METHOD_STEP_COST;
}

/* One unit of len bytes, or the end after the last one. */
static void
spell_put(struct stream *s, const uint8_t *unit, size_t len)
{
	struct spell *spell = s->state;
	void *room;

	if (len == 0) {
		stream_finish(s);
	} else if (stream_is_unwanted(s)) {
		stream_skip(s);
	} else {
		room = stream_reserve(s, len);
		if (room == NULL)
			return;
		memcpy(room, unit, len);
		stream_commit(s, len);
		spell->not_before = s->world->now + s->pace_ms;
	}
}

/* As many units as there is memory for, and one more; with a pace just one.
 * Returns what that cost. */
static size_t
spell_units(struct stream *s, size_t most)
{
	struct spell *spell = s->state;
	struct fifo_row row = stream_row_begin(s);
	size_t done = 0, len;
	const uint8_t *unit;
	void *room;

	if (s->pace_ms > 0)
		row.room = 0;
	do {
		len = text_cursor_next(&spell->cursor, &unit);
		done += len + METHOD_STEP_COST;
		room = len > 0 ? stream_row_reserve(s, &row, len) : NULL;
		if (room != NULL) {
			memcpy(room, unit, len);
			fifo_row_commit(&row, len);
		}
	} while (room != NULL && done < most);
	stream_row_end(s, &row);
	if (room == NULL)
		spell_put(s, unit, len);
	return done;
}

static size_t
spell_next_step(const struct stream *s)
{
	const struct spell *spell = s->state;

	return spell->begun ? 0 : spell->len;
}

/* Whether the next unit, or the end after the last one, may go now. */
static bool
spell_may_go_on(struct stream *s)
{
	const struct spell *spell = s->state;

	if (s->ended)
		return false;
	if (spell->cursor.end == 0)
		return true;
	if (!stream_may_answer(s))
		return false;
	if (s->world->now < spell->not_before) {
		s->work_at = spell->not_before;
		return false;
	}
	return true;
}

static size_t
spell_work(struct stream *s, size_t most)
{
	const struct spell *spell = s->state;
	size_t done = 0;

	s->work_at = TIMER_NEVER;
	if (spell->text == NULL)
		return 0;
	if (!spell->begun)
		done = spell_begin(s);
	while (done < most && spell_may_go_on(s))
		done += spell_units(s, most - done);
	return done;
}

static size_t
spell_memory(const struct stream *s)
{
	const struct spell *spell = s->state;

	return sizeof(*spell) + spell->size;
}

static void
spell_stop(struct stream *s)
{
	struct spell *spell = s->state;

	block_free(spell->text, spell->size);
	free(spell);
	s->state = NULL;
}

const struct method spell_method = {
	.traits = &method_traits[METHOD_SPELL],
	.start = spell_start,
	.take = spell_take,
	.next_step = spell_next_step,
	.work = spell_work,
	.memory_in = spell_memory,
	.stop = spell_stop,
};
