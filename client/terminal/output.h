/*
 * output: results, on standard output.
 *
 * The program has one, which main makes and commands have in their session.
 * Results are held in memory and written without waiting, so a reader may be
 * slow, and the wait for it can end.  client/driver/release waits and writes.
 *
 * The descriptor may be shared with other programs, and they would be surprised
 * if it stopped to wait.  So a pipe or a terminal is opened once more, for this
 * program alone, and what cannot be is asked before each small write.
 *
 * A failure is remembered, output before and after it is dropped, and
 * output_finish tells of it once.
 */
#ifndef CLIENT_TERMINAL_OUTPUT_H
#define CLIENT_TERMINAL_OUTPUT_H

#include "base/base.h"
#include "base/buffer.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Bytes that are worth a write where more will come; but a terminal, at which
 * somebody sits, gets each result as it comes. */
#define OUTPUT_BLOCK ((size_t)256 * 1024)

enum output_way {
	OUTPUT_AT_ONCE, /* has no waits: a file, a device without poll(2) */
	OUTPUT_AGAIN,   /* opened once more, and never waits */
	OUTPUT_SOCKET,  /* need not wait, call by call */
	OUTPUT_ASKED,   /* by poll(2), before each write */
};

struct output {
	struct buffer held;
	int fd;    /* borrowed */
	int again; /* the same opened once more, or -1 */
	enum output_way way;
	size_t piece;  /* the most that is written at a time */
	bool terminal; /* people read it as it comes, */
	bool mixes;    /* or may, where they read messages */
	int error;     /* what failed first, a positive errno; or 0 */
};

/*
 * Borrows the descriptor, which is standard output but in tests.  SIGPIPE has
 * to be ignored, so that a reader that went away is an error.  Returns 0 or
 * -ENOMEM; output_finish follows success alone.
 */
int output_init(struct output *output, int fd);

/* Bytes that are held: to be written, and nothing has failed. */
static inline size_t
output_len(const struct output *output)
{
	return buffer_len(&output->held);
}

/* The slower part of output_room(). */
void *output_grow(struct output *output, size_t len);

/* Adds len bytes, and returns where they are to be written at once.  NULL: they
 * are none, or something has failed. */
static inline void *
output_room(struct output *output, size_t len)
{
	/* After a failure there is no room. */
	if (len == 0 || !buffer_fits(&output->held, len))
		return output_grow(output, len);
	return buffer_extend(&output->held, len);
}

/* The last len bytes of the room are not needed. */
static inline void
output_unused(struct output *output, size_t len)
{
	buffer_truncate(&output->held, output_len(output) - len);
}

static inline void
output_bytes(struct output *output, const void *bytes, size_t len)
{
	void *room = output_room(output, len);

	if (room != NULL)
		memcpy(room, bytes, len);
}

void output_text(struct output *output, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Bytes, and the end of a line unless they have one. */
void output_line(struct output *output, const void *bytes, size_t len);

static inline bool
output_pending(const struct output *output)
{
	return output_len(output) > 0;
}

static inline bool
output_is_terminal(const struct output *output)
{
	return output->terminal;
}

/* What is held is to be written now; more: others will come without anybody
 * being waited for. */
static inline bool
output_is_due(const struct output *output, bool more)
{
	return output_pending(output) &&
	    (!more || output->terminal || output_len(output) >= OUTPUT_BLOCK);
}

/*
 * What to watch, for room and for an error or a hang-up, which say that the
 * reader went away; borrowed.  -1: it cannot be watched, and output_write()
 * leaves nothing.
 */
static inline int
output_descriptor(const struct output *output)
{
	if (output->way == OUTPUT_AT_ONCE)
		return -1;
	return output->way == OUTPUT_AGAIN ? output->again : output->fd;
}

/* Writes what can be written without waiting for a reader. */
void output_write(struct output *output);

/* Something has failed, of these errno: the rest is dropped. */
void output_fail(struct output *output, int error);

static inline bool
output_failed(const struct output *output)
{
	return output->error != 0;
}

/* The reader went away, having what it wanted: to be told by whoever watches
 * the descriptor, unless writing finds out first. */
static inline void
output_mark_gone(struct output *output)
{
	output_fail(output, EPIPE);
}

static inline bool
output_gone(const struct output *output)
{
	return output->error == EPIPE;
}

/*
 * Writes what is left: all of it with wait, otherwise what a reader takes at
 * once.  Returns EXIT_DONE, also when the reader went away.  Returns
 * EXIT_FAILED, and says why, for any other failure.
 */
int output_finish(struct output *output, bool wait);

#endif
