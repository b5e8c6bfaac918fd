/*
 * lines: read into one buffer, found in it by their LF.
 *
 * The buffer holds the lines from the first that is not released, then the
 * unfinished one.  What is released is overwritten when room is needed.
 */
#include "client/driver/lines.h"

#include "base/base.h"
#include "stream/client/stream.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is read ahead: bytes, twice what a stream's window usually takes, or
 * lines, as many as eight calls have. */
#define AHEAD_BYTES ((uint64_t)512 * 1024)
#define AHEAD_LINES ((uint64_t)8 * SEGMENT_MAX)

/* What is held at the most, though it was taken: much more than a server takes
 * before it answers. */
#define HELD_BYTES ((uint64_t)4 * 1024 * 1024)
#define HELD_LINES ((size_t)256 * 1024)

/* Bytes that are read at once: the lines in them are held, however many. */
#define READ_BYTES ((size_t)64 * 1024)

int
lines_init(struct lines *lines, int count, char **names, size_t max, bool cut)
{
	memset(lines, 0, sizeof(*lines));
	files_init(&lines->files, count, names);
	lines->max = max;
	lines->cut = cut;
	lines->over = true;
	lines->file_first =
	    calloc((size_t)lines->files.count, sizeof(*lines->file_first));
	return lines->file_first != NULL ? 0 : -ENOMEM;
}

void
lines_deinit(struct lines *lines)
{
	files_deinit(&lines->files);
	free(lines->bytes);
	free(lines->starts);
	free(lines->file_first);
	lines->bytes = NULL;
	lines->starts = NULL;
	lines->file_first = NULL;
}

uint64_t
lines_position(const struct lines *lines, uint64_t number)
{
	uint64_t index = number - lines->first;

	return index < lines->count ? lines->starts[lines->head + index]
				    : lines->found;
}

uint64_t
lines_next(const struct lines *lines)
{
	return lines->first + lines->count;
}

/* Room for one more start. */
static int
grow_starts(struct lines *lines)
{
	size_t room = MAX_OF(lines->starts_room * 2, (size_t)SEGMENT_MAX);
	uint64_t *starts;

	if (lines->head + lines->count < lines->starts_room)
		return 0;
	if (lines->head > lines->count) {
		memcpy(lines->starts, lines->starts + lines->head,
		    lines->count * sizeof(*starts));
		lines->head = 0;
		return 0;
	}
	starts = realloc(lines->starts, room * sizeof(*starts));
	if (starts == NULL)
		return -ENOMEM;
	lines->starts = starts;
	lines->starts_room = room;
	return 0;
}

/* The unfinished line is one up to here. */
static int
add_line(struct lines *lines, uint64_t end)
{
	int r = grow_starts(lines);

	if (r != 0)
		return r;
	lines->starts[lines->head + lines->count++] = lines->found;
	lines->found = end;
	return 0;
}

/*
 * The usual lines: those that have their end and are short.  Returns 0, with
 * the first that is not one of them to be looked at by find_line(), or -ENOMEM.
 */
static int
find_usual(struct lines *lines)
{
	const char *from, *end, *lf = NULL;
	int r = 0;

	/* Of an unfinished line there may be much, without an LF. */
	if (lines->scanned > lines->found || lines->found == lines->read)
		return 0;
	from = lines_at(lines, lines->found);
	end = lines_at(lines, lines->read);
	while (r == 0 && (lf = memchr(from, '\n', end - from)) != NULL &&
	    (size_t)(lf + 1 - from) <= lines->max) {
		r = add_line(lines, lines->found + (lf + 1 - from));
		from = lf + 1;
	}
	if (lf == NULL)
		lines->scanned = lines->read;
	return r;
}

static bool
is_too_long(const struct lines *lines, uint64_t len, bool whole)
{
	message line = { (u_int)len, lines_at(lines, lines->found) };

	/* What may be the first byte of CR LF does not count yet. */
	if (!whole)
		return len > lines->max + 1;
	return len > lines->max + lines_end_len(&line);
}

/* Its bytes go as they come.  As find_line(). */
static int
drop_line(struct lines *lines)
{
	char *from = lines_at(lines, lines->found), *lf = NULL;

	if (lines->found < lines->read)
		lf = memchr(from, '\n', lines->read - lines->found);
	lines->found =
	    lf != NULL ? lines->found + (uint64_t)(lf + 1 - from) : lines->read;
	lines->drops = lf == NULL && !lines->over;
	return lf != NULL ? 0 : FILES_WAIT;
}

/*
 * Looks for a line in what has been read.  FILES_WAIT: there is none, read
 * more.  Sets lines->end when the next one is too long.
 */
static int
find_line(struct lines *lines)
{
	uint64_t from = MAX_OF(lines->scanned, lines->found), len;
	char *lf = NULL;

	if (from < lines->read)
		lf = memchr(lines_at(lines, from), '\n', lines->read - from);
	if (lf == NULL)
		lines->scanned = lines->read;
	len = lf != NULL ? (uint64_t)(lf + 1 - lines_at(lines, lines->found))
			 : lines->read - lines->found;
	if (lines->cut && len > lines->max)
		return add_line(lines, lines->found + lines->max);
	if (len > lines->max &&
	    is_too_long(lines, len, lf != NULL || lines->over)) {
		lines->end = LINES_LONG;
		lines->long_begin = lines->found;
		return 0;
	}
	if (lf == NULL && (!lines->over || len == 0))
		return FILES_WAIT;
	return add_line(lines, lines->found + len);
}

static int
open_next(struct lines *lines)
{
	int r = files_next(&lines->files);

	if (r != FILES_END)
		lines->file_first[lines->files.opened - 1] = lines_next(lines);
	if (r == 0) {
		lines->file_begin = lines->read;
		lines->over = false;
	} else {
		lines->end = r == FILES_END ? LINES_DONE : LINES_FAILED;
	}
	return 0;
}

/* Free bytes at the end of the buffer. */
static int
make_room(struct lines *lines)
{
	uint64_t keep = lines_position(lines, lines->first);
	size_t used = lines->read - keep;
	char *bytes;

	if (lines->room - (lines->read - lines->begin) >= READ_BYTES)
		return 0;
	if (used > 0)
		memmove(lines->bytes, lines_at(lines, keep), used);
	lines->begin = keep;
	if (lines->room - used >= READ_BYTES)
		return 0;
	lines->room = MAX_OF(lines->room * 2, (size_t)AHEAD_BYTES * 2);
	bytes = realloc(lines->bytes, lines->room);
	if (bytes == NULL)
		return -ENOMEM;
	lines->bytes = bytes;
	return 0;
}

int
lines_read_more(struct lines *lines)
{
	size_t len;
	int r = make_room(lines);

	if (r != 0)
		return r;
	r = files_read(
	    &lines->files, lines_at(lines, lines->read), READ_BYTES, &len);
	lines->read += len;
	if (r == FILES_END)
		lines->over = true;
	else if (r < 0)
		lines->end = LINES_FAILED;
	return r == FILES_WAIT ? r : 0;
}

static bool
is_ahead(const struct lines *lines, uint64_t taken)
{
	uint64_t next = lines_next(lines);

	if (taken < lines->first || next <= taken)
		return false;
	return next - taken >= AHEAD_LINES ||
	    lines->read - lines_position(lines, taken) >= AHEAD_BYTES;
}

/* Whether no more is read for now.  Whoever has lines cut releases them in
 * time, answered or not. */
static bool
is_full(const struct lines *lines, uint64_t taken)
{
	uint64_t held = lines->read - lines_position(lines, lines->first);

	if (is_ahead(lines, taken))
		return true;
	return !lines->cut && lines->count > 0 &&
	    (held >= HELD_BYTES || lines->count >= HELD_LINES);
}

int
lines_descriptor(const struct lines *lines, uint64_t taken)
{
	return is_full(lines, taken) ? -1 : lines->files.fd;
}

/* Looks for lines in what has been read.  0, FILES_WAIT or -ENOMEM. */
static int
find_some(struct lines *lines)
{
	int r;

	if (lines->drops)
		return drop_line(lines);
	r = find_usual(lines);
	return r == 0 ? find_line(lines) : r;
}

int
lines_refill(struct lines *lines, uint64_t taken)
{
	int r = 0;

	while (r == 0 && lines->end == LINES_MORE) {
		r = find_some(lines);
		if (r != FILES_WAIT)
			continue;
		if (is_full(lines, taken))
			break;
		r = lines->over ? open_next(lines) : lines_read_more(lines);
	}
	return r < 0 ? r : 0;
}

int
lines_why_not(const struct lines *lines, uint64_t number)
{
	if (number < lines->first)
		return CLIENT_SOURCE_GONE;
	return lines->end == LINES_MORE ? CLIENT_SOURCE_WAIT
					: CLIENT_SOURCE_END;
}

int
lines_get_some(
    const struct lines *lines, uint64_t number, message *out, u_int *count)
{
	uint64_t index = number - lines->first, from, to;
	const uint64_t *start;
	u_int most;

	if (index >= lines->count)
		return lines_why_not(lines, number);
	most = (u_int)MIN_OF((uint64_t)*count, lines->count - index);
	start = lines->starts + lines->head + index;
	from = start[0];
	for (u_int i = 0; i < most; i++, from = to) {
		to = index + i + 1 < lines->count ? start[i + 1] : lines->found;
		out[i].message_val = lines_at(lines, from);
		out[i].message_len = (u_int)(to - from);
	}
	*count = most;
	return 0;
}

void
lines_release(struct lines *lines, uint64_t number)
{
	size_t gone;

	if (number <= lines->first)
		return;
	gone = (size_t)MIN_OF(number - lines->first, (uint64_t)lines->count);
	lines->first += gone;
	lines->head += gone;
	lines->count -= gone;
}

const char *
lines_place(const struct lines *lines, uint64_t number, uint64_t *in_file)
{
	int file = lines->files.opened - 1;

	while (file > 0 && lines->file_first[file] > number)
		file--;
	*in_file = number - lines->file_first[file] + 1;
	return files_name(&lines->files, file);
}
