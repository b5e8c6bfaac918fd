#include "client/driver/long_line.h"

#include "base/base.h"

#include <errno.h>
#include <string.h>

/*
 * How many bytes of the content lie ready, at most room.  *ends: the content
 * ends after them.
 */
static size_t
long_ready(const struct lines *lines, size_t room, bool *ends)
{
	/* Two more tell whether the line ends right after. */
	uint64_t left = lines->read - lines->found;
	size_t len = (size_t)MIN_OF(left, (uint64_t)room + 2);
	const char *text = lines_at(lines, lines->found);
	const char *lf = len > 0 ? memchr(text, '\n', len) : NULL;

	*ends = lf != NULL || (lines->over && len == left && len <= room);
	if (lf != NULL)
		len = (size_t)(lf - text);
	/* CR belongs to the end, or what follows will tell. */
	if (len > 0 && text[len - 1] == '\r' &&
	    (lf != NULL || !(lines->over && len == left)))
		len--;
	return MIN_OF(len, room);
}

int
long_line_read(struct lines *lines, void *bytes, size_t room, size_t *len)
{
	bool ends;
	int r;

	for (;;) {
		*len = long_ready(lines, room, &ends);
		if (*len > 0)
			break;
		if (ends)
			return FILES_END;
		r = lines_read_more(lines);
		if (r == 0 && lines->end == LINES_FAILED)
			r = -EIO;
		if (r != 0)
			return r;
	}
	memcpy(bytes, lines_at(lines, lines->found), *len);
	lines->found += *len;
	return 0;
}

int
long_line_seek(struct lines *lines, uint64_t offset)
{
	uint64_t target = lines->long_begin + offset;
	int r = files_seek(&lines->files, target - lines->file_begin);

	if (r != 0)
		return r;
	lines->begin = target;
	lines->read = target;
	lines->scanned = target;
	lines->found = target;
	lines->over = false;
	return 0;
}

void
long_line_drop(struct lines *lines)
{
	lines->first++;
	lines->drops = true;
	lines->end = LINES_MORE;
}

void
long_line_end(struct lines *lines, message *end)
{
	size_t left = (size_t)MIN_OF(lines->read - lines->found, (uint64_t)2);
	char *text = lines_at(lines, lines->found);

	end->message_val = text;
	end->message_len = 0;
	if (left > 0 && text[0] == '\n')
		end->message_len = 1;
	else if (left > 1 && text[0] == '\r' && text[1] == '\n')
		end->message_len = 2;
	lines->found += end->message_len;
	lines->scanned = lines->found;
	lines->first++;
	lines->end = LINES_MORE;
}
