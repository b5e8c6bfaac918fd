#include "stream/method/whole.h"

#include "base/base.h"
#include "stream/method/checker.h"
#include "stream/method/methods.h"
#include "text/text.h"
#include "text/whole.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct whole {
	struct stream *stream; /* NULL when it has gone */
	struct disk *disk;
	enum text_by by;
	uint64_t size; /* bytes of the text so far */

	/* Coming in. */
	struct checker checker;
	uint8_t *held; /* not handed to the disk */
	size_t held_len;
	size_t held_size;
	struct disk_file *file; /* NULL while all is held */
	uint64_t written;       /* handed to the disk */
	struct disk_job job;
	bool busy; /* the job runs */
	int error; /* of a job: the stream is to end */

	/* Going out. */
	struct text_whole plan;
	struct text_range range; /* what the plan asked for last */
	enum text_whole_todo todo;
	bool planned;
	uint8_t *buffers; /* block and reversed, block_size each */
	size_t block_size;
	const uint8_t *block; /* what was read last */
	uint8_t *reversed;
	const uint8_t *ready; /* bytes of the output, not yet in a piece */
	size_t ready_len;
	uint64_t put;   /* bytes of the output that are in pieces */
	uint8_t *piece; /* room of the piece being made */
	size_t piece_len;
	size_t piece_filled;
	bool piece_open;
};

static void job_done(struct disk_job *job);

/* The most that is held each way. */
static size_t
memory_max(const struct stream *s)
{
	return (size_t)s->world->limits.window + s->world->limits.message_max;
}

static int
whole_start(struct stream *s)
{
	const struct streams_limits *limits = &s->world->limits;
	struct whole *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -ENOMEM;
	w->stream = s;
	w->disk = s->world->disk;
	w->by = (enum text_by)s->unit;
	w->job.done = job_done;
	checker_init(&w->checker);
	w->block_size = MIN_OF(limits->spool_block, limits->window / 4);
	/* Both buffers and the pieces share the memory of the way out. */
	s->out.limit = memory_max(s) - 2 * w->block_size;
	s->state = w;
	return 0;
}

/* Bytes on their way to the disk. */
static size_t
writing(const struct whole *w)
{
	return w->busy && w->job.operation == DISK_WRITE ? w->job.len : 0;
}

static uint32_t
whole_window(const struct stream *s)
{
	const struct whole *w = s->state;
	uint32_t window = s->world->limits.window;
	size_t kept = w->held_len + writing(w);

	if (w->file == NULL)
		return window;
	/* A call may come before the stream has had its turn to end. */
	if (w->error != 0)
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
	uint8_t *exact;

	if (w->file == NULL || w->busy || w->error != 0 || w->held_len == 0)
		return;
	if (!s->in_closed && w->held_len < s->world->limits.window / 2)
		return;
	exact = realloc(w->held, w->held_len);
	w->job.operation = DISK_WRITE;
	w->job.file = w->file;
	w->job.buffer = exact != NULL ? exact : w->held;
	w->job.len = w->held_len;
	w->job.offset = w->written;
	w->written += w->held_len;
	w->held = NULL;
	w->held_len = 0;
	w->held_size = 0;
	w->busy = true;
	w->disk->start(w->disk, &w->job);
}

static int
hold(struct stream *s, const message *m)
{
	struct whole *w = s->state;
	size_t max = memory_max(s) - writing(w);
	size_t need = w->held_len + m->message_len, size;
	uint8_t *held;

	if (need > max)
		return -ENOMEM;
	if (need > w->held_size) {
		size = w->held_size * 2 > need ? w->held_size * 2 : need;
		size = MIN_OF(size, max);
		held = realloc(w->held, size);
		if (held == NULL)
			return -ENOMEM;
		w->held = held;
		w->held_size = size;
	}
	if (m->message_len > 0)
		memcpy(w->held + w->held_len, m->message_val, m->message_len);
	w->held_len = need;
	w->size += m->message_len;
	return 0;
}

static void
refuse(struct stream *s)
{
	const struct whole *w = s->state;

	stream_end_after_answers(s, STATUS_INVALID_ARGUMENT, "not UTF-8",
	    w->checker.message, w->checker.byte);
}

static int
whole_take(struct stream *s, const message *m)
{
	const struct streams_limits *limits = &s->world->limits;
	struct whole *w = s->state;
	int r;

	if (m->message_len > limits->spool_stream - w->size) {
		stream_end_after_answers(s, STATUS_RESOURCE_EXHAUSTED,
		    "the text is longer than the server takes", s->in_next, 0);
		return 0;
	}
	if (w->file == NULL &&
	    w->held_len + m->message_len > limits->spool_memory) {
		r = w->disk->open(w->disk, &w->file);
		if (r != 0)
			return r;
		write_held(s);
		/* What is held may leave no room for a large message. */
		if (whole_window(s) == 0)
			return STREAM_FULL;
	}
	r = hold(s, m);
	if (r != 0)
		return r;
	write_held(s);
	if (text_by_is_checked(w->by) &&
	    checker_feed(
		&w->checker, s->in_next, m->message_val, m->message_len) != 0)
		refuse(s);
	return 0;
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
	w->buffers = malloc(2 * w->block_size);
	if (w->buffers == NULL)
		return -ENOMEM;
	w->reversed = w->buffers + w->block_size;
	w->planned = true;
	return text_whole_init(&w->plan, w->size, w->block_size, w->by);
}

static void
block_arrived(struct whole *w)
{
	if (w->todo == TEXT_WHOLE_READ) {
		text_whole_seen(&w->plan, w->block);
	} else {
		w->ready = w->block;
		w->ready_len = w->job.len;
	}
}

/* Gets len bytes at offset: at once from memory, else later. */
static void
fetch(struct whole *w, uint64_t offset, size_t len)
{
	w->job.operation = DISK_READ;
	w->job.file = w->file;
	w->job.buffer = w->buffers;
	w->job.offset = offset;
	w->job.len = len;
	w->job.backward = w->todo == TEXT_WHOLE_READ;
	if (w->file == NULL) {
		w->block = w->held + offset;
		block_arrived(w);
		return;
	}
	w->block = w->buffers;
	w->busy = true;
	w->disk->start(w->disk, &w->job);
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
		stream_end_after_answers(s, STATUS_OK, "", 0, 0);
		break;
	case TEXT_WHOLE_READ:
		fetch(w, range->offset, (size_t)range->length);
		break;
	case TEXT_WHOLE_REVERSE:
		len = (size_t)range->length;
		text_reverse(
		    w->reversed, w->block + range->in_block, len, w->by, NULL);
		w->ready = w->reversed;
		w->ready_len = len;
		return len;
	case TEXT_WHOLE_COPY:
		len = (size_t)MIN_OF(range->length, w->block_size);
		fetch(w, range->offset, len);
		range->offset += len;
		range->length -= len;
		break;
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
		    fifo_cost(len) > s->out.limit - s->out.used)
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
whole_work(struct stream *s)
{
	struct whole *w = s->state;

	if (w->error != 0) {
		fail(s, w->error);
		return 0;
	}
	write_held(s);
	if (w->busy || !s->in_closed)
		return 0;
	if (!w->planned && make_plan(w) != 0) {
		fail(s, -ENOMEM);
		return 0;
	}
	return w->ready_len > 0 ? fill_piece(s) : follow_plan(s);
}

/* Bytes that cannot be given back before the job is done. */
static size_t
used_by_job(const struct whole *w)
{
	return sizeof(*w) +
	    (w->job.operation == DISK_WRITE ? w->job.len : 2 * w->block_size);
}

static void
whole_free(struct whole *w)
{
	if (w->file != NULL)
		w->disk->close(w->disk, w->file);
	free(w->held);
	free(w->buffers);
	free(w);
}

static void
job_done(struct disk_job *job)
{
	struct whole *w = container_of(job, struct whole, job);
	struct stream *s = w->stream;

	w->busy = false;
	if (job->operation == DISK_WRITE)
		free(job->buffer);
	if (s == NULL) {
		w->disk->abandoned -= used_by_job(w);
		whole_free(w);
		return;
	}
	w->error = job->result;
	if (w->error == 0 && job->operation == DISK_READ)
		block_arrived(w);
	stream_wake(s);
}

static size_t
whole_memory_in(const struct stream *s)
{
	const struct whole *w = s->state;

	return w->held_size + writing(w);
}

static size_t
whole_memory_out(const struct stream *s)
{
	const struct whole *w = s->state;

	return w->buffers != NULL ? 2 * w->block_size : 0;
}

static void
whole_stop(struct stream *s)
{
	struct whole *w = s->state;

	s->state = NULL;
	w->stream = NULL;
	if (!w->busy) {
		whole_free(w);
		return;
	}
	free(w->held);
	w->held = NULL;
	w->disk->abandoned += used_by_job(w);
}

const struct method whole_method = {
	.messages_max = NUMBER_END,
	.start = whole_start,
	.window = whole_window,
	.take = whole_take,
	.closed = whole_closed,
	.work = whole_work,
	.memory_in = whole_memory_in,
	.memory_out = whole_memory_out,
	.stop = whole_stop,
};
