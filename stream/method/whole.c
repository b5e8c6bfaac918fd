/*
 * WHOLE: a text of any size, reversed as one.
 *
 * The text comes in first.  Up to limits.spool_memory of it stays in memory;
 * a longer one goes to a file of the stream's disk, block by block while it
 * comes, and the window stays shut while the disk is slower.  When the client
 * has half-closed, the text is read backward in blocks and comes out in
 * pieces of exactly the largest size the client takes, the last one shorter:
 * where they are cut depends on the text alone, so that a stream opened again
 * gives the same pieces.
 */
#include "text/whole.h"
#include "base/base.h"
#include "stream/method/checker.h"
#include "stream/method/methods.h"
#include "stream/method/store.h"
#include "stream/server/stream.h"
#include "text/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that are copied in the time of one that is reversed. */
enum { COPY_PER_COST = 4 };

struct whole {
	enum text_by by;
	uint64_t size; /* bytes of the text so far */
	struct checker checker;
	struct store *store;

	/* Going out. */
	struct text_whole plan;
	struct text_range range; /* what the plan asked for last */
	enum text_whole_todo todo;
	bool planned;
	size_t block_size;
	size_t fetched;       /* bytes that were asked of the store */
	uint8_t *reversed;    /* block_size bytes */
	const uint8_t *ready; /* bytes of the output, not yet in a piece */
	size_t ready_len;
	uint64_t put;   /* bytes of the output that are in pieces */
	uint8_t *piece; /* room of the piece being made */
	size_t piece_len;
	size_t piece_filled;
	bool piece_open;
};

/* The most that is held each way. */
static size_t
memory_max(const struct stream *s)
{
	return (size_t)s->world->limits.window + s->world->limits.message_max;
}

static void
block_arrived(struct whole *w)
{
	if (w->todo == TEXT_WHOLE_READ) {
		text_whole_seen(&w->plan, w->store->block);
	} else {
		w->ready = w->store->block;
		w->ready_len = w->fetched;
	}
}

static void
on_disk_done(void *owner)
{
	struct stream *s = owner;
	struct whole *w = s->state;

	if (w->store->error == 0 && w->store->job.operation == DISK_READ)
		block_arrived(w);
	stream_wake(s);
}

static int
whole_start(struct stream *s)
{
	const struct streams_limits *limits = &s->world->limits;
	struct whole *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -ENOMEM;
	w->by = (enum text_by)s->unit;
	w->block_size = MIN_OF(limits->spool_block, limits->window / 4);
	w->store = store_new(s->world->disk, stream_peer(s), w->block_size);
	if (w->store == NULL) {
		free(w);
		return -ENOMEM;
	}
	w->store->done = on_disk_done;
	w->store->owner = s;
	checker_init(&w->checker);
	/* Two blocks and the pieces share the memory of the way out. */
	s->out.limit = memory_max(s) - 2 * w->block_size;
	s->state = w;
	return 0;
}

static uint32_t
whole_window(const struct stream *s)
{
	const struct store *store = ((const struct whole *)s->state)->store;
	uint32_t window = s->world->limits.window;
	size_t kept = store_kept(store);

	if (store->file == NULL)
		return window;
	/* A call may come before the stream has had its turn to end. */
	if (store->error != 0)
		return 0;
	return kept < window ? window - (uint32_t)kept : 0;
}

static void
fail(struct stream *s, int error)
{
	if (error == -ENOSPC)
		stream_end_after_answers(s, STATUS_RESOURCE_EXHAUSTED,
		    "no room for the text on the server's disk", 0, 0);
	else if (error == -ENOMEM)
		stream_end_after_answers(
		    s, STATUS_RESOURCE_EXHAUSTED, "out of memory", 0, 0);
	else if (error == -EMFILE || error == -ENFILE || error == -EAGAIN)
		stream_end_after_answers(s, STATUS_RESOURCE_EXHAUSTED,
		    "no file or thread for the text on the server", 0, 0);
	else
		stream_end_after_answers(
		    s, STATUS_INTERNAL, "the server's disk failed", 0, 0);
}

/* Hands what is held to the disk when it is worth it or there is no more. */
static void
write_held(struct stream *s)
{
	struct whole *w = s->state;

	store_write(w->store, s->in_closed ? 0 : s->world->limits.window / 2);
}

static void
refuse(struct stream *s)
{
	const struct whole *w = s->state;

	stream_end_not_utf8(s, w->checker.message, w->checker.byte);
}

/* What does not stay in memory goes to the disk from now on. */
static int
make_room(struct stream *s, size_t len)
{
	struct whole *w = s->state;
	struct store *store = w->store;
	int r;

	if (store->file != NULL ||
	    store->held_len + len <= s->world->limits.spool_memory)
		return 0;
	r = store_spool(store);
	if (r != 0)
		return r;
	write_held(s);
	return 0;
}

static int
take_one(struct stream *s, const message *m)
{
	struct whole *w = s->state;
	int r;

	if (m->message_len > s->world->limits.spool_stream - w->size) {
		stream_end_after_answers(s, STATUS_RESOURCE_EXHAUSTED,
		    "the text is longer than the server takes", s->in_next, 0);
		stream_took(s, 1, m->message_len);
		return 0;
	}
	r = make_room(s, m->message_len);
	/* What is held may leave no room for a large message. */
	if (r != 0 || whole_window(s) == 0)
		return r;
	r = store_add(w->store, m->message_val, m->message_len, memory_max(s));
	if (r != 0)
		return r;
	w->size += m->message_len;
	write_held(s);
	if (text_by_is_checked(w->by) &&
	    checker_feed(
		&w->checker, s->in_next, m->message_val, m->message_len) != 0)
		refuse(s);
	stream_took(s, 1, m->message_len);
	return 0;
}

static int
whole_take(struct stream *s, const message *m, u_int count)
{
	int r = 0;

	for (; r == 0 && count > 0 && stream_window(s) > 0; m++, count--)
		r = take_one(s, m);
	return r;
}

static void
whole_closed(struct stream *s)
{
	struct whole *w = s->state;

	if (text_by_is_checked(w->by) && checker_finish(&w->checker) != 0)
		refuse(s);
	else
		write_held(s);
}

/* Starts to go out.  Returns 0 or -ENOMEM. */
static int
make_plan(struct whole *w)
{
	w->reversed = malloc(w->block_size);
	if (w->reversed == NULL)
		return -ENOMEM;
	w->planned = true;
	return text_whole_init(&w->plan, w->size, w->block_size, w->by);
}

/* Gets len bytes at offset, at once or later.  Returns what it cost. */
static size_t
fetch(struct stream *s, uint64_t offset, size_t len)
{
	struct whole *w = s->state;
	int r;

	w->fetched = len;
	r = store_fetch(w->store, offset, len, w->todo == TEXT_WHOLE_READ);
	if (r == 0)
		block_arrived(w);
	else if (r < 0)
		fail(s, r);
	return METHOD_STEP_COST + (r == 0 ? len / COPY_PER_COST : 0);
}

/* One step of the plan: what is to be done for the next bytes. */
static size_t
follow_plan(struct stream *s)
{
	struct whole *w = s->state;
	struct text_range *range = &w->range;
	size_t len;

	if (w->todo != TEXT_WHOLE_COPY || range->length == 0)
		w->todo = text_whole_next(&w->plan, range);
	switch (w->todo) {
	case TEXT_WHOLE_END:
		stream_finish(s);
		break;
	case TEXT_WHOLE_READ:
		return fetch(s, range->offset, (size_t)range->length);
	case TEXT_WHOLE_REVERSE:
		len = (size_t)range->length;
		text_reverse(w->reversed, w->store->block + range->in_block,
		    len, w->by, NULL);
		w->ready = w->reversed;
		w->ready_len = len;
		return len;
	case TEXT_WHOLE_COPY:
		len = (size_t)MIN_OF(range->length, w->block_size);
		range->offset += len;
		range->length -= len;
		return fetch(s, range->offset - len, len);
	}
	return METHOD_STEP_COST;
}

/* Returns whether there is a piece to fill. */
static bool
open_piece(struct stream *s)
{
	struct whole *w = s->state;
	size_t len = (size_t)MIN_OF((uint64_t)s->largest, w->size - w->put);

	if (w->piece_open)
		return true;
	w->piece = NULL;
	if (!stream_is_unwanted(s)) {
		if (!stream_may_answer(s) ||
		    message_cost(len) > s->out.limit - s->out.used)
			return false;
		w->piece = stream_reserve(s, len);
		if (w->piece == NULL)
			return false;
	}
	w->piece_open = true;
	w->piece_len = len;
	w->piece_filled = 0;
	return true;
}

/* Moves what is ready to the piece. */
static size_t
fill_piece(struct stream *s)
{
	struct whole *w = s->state;
	size_t len;

	if (!open_piece(s))
		return 0;
	len = MIN_OF(w->ready_len, w->piece_len - w->piece_filled);
	if (w->piece != NULL)
		memcpy(w->piece + w->piece_filled, w->ready, len);
	w->ready += len;
	w->ready_len -= len;
	w->piece_filled += len;
	w->put += len;
	if (w->piece_filled == w->piece_len) {
		w->piece_open = false;
		if (w->piece != NULL)
			stream_commit(s, w->piece_len);
		else
			stream_skip(s);
	}
	return len + METHOD_STEP_COST;
}

static size_t
whole_next_step(const struct stream *s)
{
	const struct whole *w = s->state;

	return s->in_closed ? w->block_size : 0;
}

static size_t
whole_step(struct stream *s)
{
	struct whole *w = s->state;

	write_held(s);
	if (w->store->error != 0) {
		fail(s, w->store->error);
		return 0;
	}
	if (w->store->busy || !s->in_closed)
		return 0;
	if (!w->planned && make_plan(w) != 0) {
		fail(s, -ENOMEM);
		return 0;
	}
	return w->ready_len > 0 ? fill_piece(s) : follow_plan(s);
}

static size_t
whole_memory_in(const struct stream *s)
{
	const struct whole *w = s->state;

	return store_memory_in(w->store);
}

static size_t
whole_memory_out(const struct stream *s)
{
	const struct whole *w = s->state;

	return store_memory_out(w->store) +
	    (w->reversed != NULL ? w->block_size : 0);
}

static void
whole_stop(struct stream *s)
{
	struct whole *w = s->state;

	s->state = NULL;
	store_free(w->store);
	free(w->reversed);
	free(w);
}

const struct method whole_method = {
	.traits = &method_traits[METHOD_WHOLE],
	.start = whole_start,
	.window = whole_window,
	.take = whole_take,
	.closed = whole_closed,
	.next_step = whole_next_step,
	.work = stream_steps,
	.step = whole_step,
	.memory_in = whole_memory_in,
	.memory_out = whole_memory_out,
	.stop = whole_stop,
};
