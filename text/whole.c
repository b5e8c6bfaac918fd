/* Units from the end: see text/whole.h. */
#include "text/whole.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

int
text_cursor_init(struct text_cursor *cursor, const uint8_t *in, size_t len,
    enum text_by by, size_t *bad_at)
{
	int r;

	if (!text_by_is_known(by))
		return -EINVAL;
	if (text_by_is_checked(by)) {
		r = text_validate(in, len, bad_at);
		if (r != 0)
			return r;
	}
	cursor->in = in;
	cursor->end = len;
	walk_init(&cursor->walk, by, len);
	return 0;
}

/* Whether a unit of its own is the last of these characters: ASCII after ASCII
 * is, but for the LF after a CR. */
static bool
is_plain(const uint8_t *in, size_t end)
{
	return in[end - 1] < 0x80 && in[end - 1] != '\n' &&
	    (end == 1 || in[end - 2] < 0x80);
}

static uint64_t
line_before(const uint8_t *in, size_t end)
{
	const uint8_t *lf = memrchr(in, '\n', end - 1);

	return lf != NULL ? (uint64_t)(lf - in) + 1 : 0;
}

/* Where the unit before the cursor starts.  Most show it in a byte or two, and
 * what the walk knows is not needed for them. */
static uint64_t
unit_before(struct text_cursor *cursor)
{
	enum text_by by = cursor->walk.by;
	uint64_t start = 0;

	if (cursor->end == 0)
		return 0;
	if (by == TEXT_BY_BYTE)
		return cursor->end - 1;
	if (by == TEXT_BY_LINE)
		return line_before(cursor->in, cursor->end);
	if (by != TEXT_BY_WORD && is_plain(cursor->in, cursor->end))
		return cursor->end - 1;
	walk_next(&cursor->walk, cursor->end);
	walk_back(&cursor->walk, cursor->in, cursor->end, &start);
	return start;
}

size_t
text_cursor_next(struct text_cursor *cursor, const uint8_t **unit)
{
	uint64_t start = unit_before(cursor);
	size_t length = cursor->end - (size_t)start;

	cursor->end = (size_t)start;
	*unit = cursor->in + start;
	return length;
}

int
text_whole_init(
    struct text_whole *whole, uint64_t size, size_t block_max, enum text_by by)
{
	if (!text_by_is_known(by) || block_max < TEXT_WHOLE_BLOCK_MIN)
		return -EINVAL;
	*whole = (struct text_whole){
		.end = size,
		.next_end = size,
		.block_max = block_max,
	};
	walk_init(&whole->walk, by, size);
	return 0;
}

/* Hands out what lies between next_end, which became known, and end. */
static enum text_whole_todo
hand_out(struct text_whole *whole, struct text_range *range)
{
	uint64_t block_end = whole->block_at + whole->block_length;
	bool in_block =
	    whole->next_end >= whole->block_at && whole->end <= block_end;

	range->offset = whole->next_end;
	range->length = whole->end - whole->next_end;
	range->in_block =
	    in_block ? (size_t)(range->offset - whole->block_at) : 0;
	whole->end = whole->next_end;
	whole->walking = false;
	walk_next(&whole->walk, whole->end);
	return in_block ? TEXT_WHOLE_REVERSE : TEXT_WHOLE_COPY;
}

enum text_whole_todo
text_whole_next(struct text_whole *whole, struct text_range *range)
{
	uint64_t stop;

	if (whole->next_end < whole->end)
		return hand_out(whole, range);
	stop = whole->walking ? whole->walk.at : whole->end;
	if (stop == 0)
		return TEXT_WHOLE_END;
	whole->block_length =
	    stop < whole->block_max ? (size_t)stop : whole->block_max;
	whole->block_at = stop - whole->block_length;
	range->offset = whole->block_at;
	range->length = whole->block_length;
	range->in_block = 0;
	return TEXT_WHOLE_READ;
}

/* Where the units that are in the block for certain start; else end. */
static uint64_t
first_start(const struct text_whole *whole, const uint8_t *block)
{
	uint64_t flag, low = whole->block_at;
	size_t cut;

	if (low == 0 || whole->walk.by == TEXT_BY_BYTE)
		return low;
	if (!walk_knows(&whole->walk, &flag)) {
		cut =
		    walk_first_cut(block, whole->block_length, whole->walk.by);
		return cut == 0 ? whole->end : low + cut;
	}
	/* Flags fill the text down from end; the first may be joined. */
	if (low <= whole->walk.flags_from)
		low = whole->walk.flags_from + 1;
	return whole->end - (whole->end - low) / 8 * 8;
}

void
text_whole_seen(struct text_whole *whole, const uint8_t *block)
{
	uint64_t start;

	if (!whole->walking) {
		whole->next_end = first_start(whole, block);
		if (whole->next_end < whole->end)
			return;
		whole->walking = true;
	}
	if (walk_back(&whole->walk, block, whole->block_length, &start))
		whole->next_end = start;
}
