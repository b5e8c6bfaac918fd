/*
 * lines: the lines of some files as the messages of a stream.
 *
 * Lines are numbered through all files.  A line that a file ends without LF is
 * one too, and the next file starts another.  Memory holds the lines that are
 * not released, and what was read ahead: half a megabyte, or one line as long
 * as it may be.
 */
#ifndef CLIENT_DRIVER_LINES_H
#define CLIENT_DRIVER_LINES_H

#include "client/driver/files.h"

#include <reverse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What follows the lines found so far. */
enum lines_end {
	LINES_MORE,   /* others, perhaps */
	LINES_DONE,   /* nothing */
	LINES_LONG,   /* one longer than max: long_line_read */
	LINES_FAILED, /* a file that cannot be read, as was said */
};

struct lines {
	struct files files;
	size_t max; /* bytes of a line */
	bool cut;   /* too long a line becomes several messages */
	bool over;  /* the file that is read has ended */
	bool drops; /* the unfinished line is of no use */
	enum lines_end end;

	/* Positions count the bytes of all files from 0. */
	char *bytes;
	size_t room;
	uint64_t begin;   /* of bytes[0] */
	uint64_t read;    /* after the last byte there is */
	uint64_t scanned; /* no LF from the unfinished line up to here */
	uint64_t found;   /* where the unfinished line starts */

	uint64_t *starts; /* of the lines held, from starts[head] on */
	size_t head;
	size_t count;
	size_t starts_room;
	uint64_t first; /* the number of the first of them */

	uint64_t *file_first; /* the number of each file's first line */
	uint64_t file_begin;  /* where the one that is read starts */
	uint64_t long_begin;  /* where the long line starts */
};

/*
 * Borrows names.  A line of more than max bytes, its end aside, is too long;
 * with cut it becomes several messages, of which none has more, its end
 * counted.  Returns 0 or -ENOMEM.
 */
int lines_init(
    struct lines *lines, int count, char **names, size_t max, bool cut);

/* May be called twice. */
void lines_deinit(struct lines *lines);

/*
 * Reads ahead of line number taken, without waiting.  Lines move in memory
 * here and nowhere else.  Returns 0 or -ENOMEM.
 */
int lines_refill(struct lines *lines, uint64_t taken);

/* What may be read now; -1: nothing is, as so much is held that is not taken,
 * or not released. */
int lines_descriptor(const struct lines *lines, uint64_t taken);

/* The slower part of lines_get(). */
int lines_why_not(const struct lines *lines, uint64_t number);

/*
 * A line with its end, borrowed until the next refill: 0, or a value of enum
 * client_source_result, and no bytes.
 */
static inline int
lines_get(const struct lines *lines, uint64_t number, message *out)
{
	uint64_t index = number - lines->first;
	const uint64_t *start;
	uint64_t end;

	if (index >= lines->count) {
		*out = (message){ 0 };
		return lines_why_not(lines, number);
	}
	start = lines->starts + lines->head + index;
	end = index + 1 < lines->count ? start[1] : lines->found;
	out->message_val = lines->bytes + (start[0] - lines->begin);
	out->message_len = (u_int)(end - start[0]);
	return 0;
}

/* The same of at most *count lines from there on, with 0 of one at least. */
int lines_get_some(
    const struct lines *lines, uint64_t number, message *out, u_int *count);

/* Bytes of the longest end of a line. */
#define LINES_END_MAX 2

/* The bytes of a line that end it: 2 for CR LF, 1 for LF, 0 for none. */
static inline size_t
lines_end_len(const message *line)
{
	size_t len = line->message_len;
	const char *text = line->message_val;

	if (len == 0 || text[len - 1] != '\n')
		return 0;
	return len > 1 && text[len - 2] == '\r' ? 2 : 1;
}

/* They themselves, with a NUL. */
static inline const char *
lines_end_text(size_t len)
{
	return &"\r\n"[2 - len];
}

/* Those below number are not needed any more. */
void lines_release(struct lines *lines, uint64_t number);

/* Where a line that is held starts, in bytes of all files, or the line after
 * them. */
uint64_t lines_position(const struct lines *lines, uint64_t number);

/* The number of the line after those found so far. */
uint64_t lines_next(const struct lines *lines);

/* The file of a line, and its number there, from 1. */
const char *lines_place(
    const struct lines *lines, uint64_t number, uint64_t *in_file);

/*
 * The rest is for client/driver/long_line.c.
 */

/* Where a byte of the input lies that is held. */
static inline char *
lines_at(const struct lines *lines, uint64_t position)
{
	return lines->bytes + (position - lines->begin);
}

/* Reads on in the same file.  0, FILES_WAIT or -ENOMEM. */
int lines_read_more(struct lines *lines);

#endif
