/*
 * output: results, on standard output.
 *
 * The program has one, which main makes and commands have in their session.
 * Results are held in memory until they are written, piece by piece, when the
 * descriptor is ready: so a reader may be slow, and the wait for it can end.
 * client/driver/release waits and writes.
 *
 * A failure is remembered, later output is dropped, and output_finish tells of
 * it once.
 */
#ifndef CLIENT_TERMINAL_OUTPUT_H
#define CLIENT_TERMINAL_OUTPUT_H

#include "base/base.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct output {
	int fd;       /* borrowed */
	int error;    /* what failed first, a positive errno; or 0 */
	FILE *stream; /* into memory */
	/* libc keeps the bytes and their number up to date with each flush. */
	char *bytes;
	size_t len;
	size_t written; /* of these bytes */
	size_t piece;   /* the most that is written at a time */
};

/*
 * Borrows the descriptor, which is standard output but in tests.  Returns 0 or
 * -ENOMEM; output_finish follows success alone.
 */
int output_init(struct output *output, int fd);

void output_bytes(struct output *output, const void *bytes, size_t len);
void output_text(struct output *output, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Bytes, and the end of a line unless they have one. */
void output_line(struct output *output, const void *bytes, size_t len);

/* There is something to write, and nothing has failed. */
bool output_pending(struct output *output);

/* Writes some of it, which does not wait when the descriptor is ready. */
void output_write(struct output *output);

/* Something has failed, and whatever follows will be dropped. */
bool output_failed(const struct output *output);

/*
 * Writes what is left: all of it with wait, otherwise what a reader takes at
 * once.  Returns EXIT_DONE, also when the reader went away: it has what it
 * wanted.  Returns EXIT_FAILED, and says why, for any other failure.
 */
int output_finish(struct output *output, bool wait);

#endif
