/*
 * output: results, on standard output.
 *
 * The program has one, which main makes and commands have in their session.
 * A failure to write is remembered, later output is dropped, and
 * output_finish tells of it once.
 *
 * Nothing here waits for a reader but libc's own writes.  A command that must
 * not wait holds its output, and writes it piece by piece when the descriptor
 * is ready.
 */
#ifndef CLIENT_TERMINAL_OUTPUT_H
#define CLIENT_TERMINAL_OUTPUT_H

#include "base/base.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct output {
	FILE *stream; /* borrowed */
	int error;    /* why writing failed first, a positive errno; or 0 */
	/* What is held: libc keeps the bytes and their number up to date with
	 * each flush. */
	FILE *held; /* NULL: nothing is held */
	char *bytes;
	size_t len;
	size_t written; /* of these bytes */
	size_t piece;   /* the most that is written at a time */
};

/* Borrows the stream, which is standard output but in tests. */
void output_init(struct output *output, FILE *stream);

void output_bytes(struct output *output, const void *bytes, size_t len);
void output_text(struct output *output, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Bytes, and the end of a line unless they have one. */
void output_line(struct output *output, const void *bytes, size_t len);

/* For what writes to a stream by itself; its failures are found at the end. */
FILE *output_stream(const struct output *output);

/*
 * Hands what was written so far to whoever reads.  false: nobody gets any more
 * of it, so a command without an end has to end.
 */
bool output_flush(struct output *output);

/* From now on output stays in memory.  Returns 0 or a negative errno. */
int output_hold(struct output *output);

/* Something is held, and writing has not failed. */
bool output_pending(struct output *output);

/*
 * Writes some of what is held, which does not wait when the descriptor is ready
 * to be written to.
 */
void output_write(struct output *output);
int output_descriptor(const struct output *output);

/* Writing has failed, and whatever follows will be dropped. */
bool output_failed(const struct output *output);

/*
 * Flushes, and drops what is held.  Returns EXIT_DONE, also when the reader
 * went away: it has what it wanted.  Returns EXIT_FAILED, and says why, for any
 * other failure.
 */
int output_finish(struct output *output);

#endif
