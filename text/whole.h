/*
 * Units from the end: one at a time of a text in memory (the cursor), and all
 * of a text of any size that can be read at any offset (text_whole).
 */
#ifndef TEXT_WHOLE_H
#define TEXT_WHOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/text.h"
#include "text/walk.h"

struct text_cursor {
	const uint8_t *in; /* borrowed */
	size_t end;        /* what is behind was handed out */
	struct walk walk;
};

/*
 * Returns 0, -EINVAL, or TEXT_ILL_FORMED as text_reverse does.  in must not
 * change or go away while the cursor is used.
 */
int text_cursor_init(struct text_cursor *cursor, const uint8_t *in, size_t len,
    enum text_by by, size_t *bad_at);

/*
 * Gives the last unit that was not given yet.  Returns its length, and 0 when
 * there is none.  All units together take time linear in the text.
 */
size_t text_cursor_next(struct text_cursor *cursor, const uint8_t **unit);

/*
 * Reverses a text that is larger than memory.  It does no I/O: it says what
 * to read and what to write, and the caller, who owns one block of memory,
 * obeys:
 *
 *	text_whole_init(&whole, size, sizeof(block), by);
 *	while ((todo = text_whole_next(&whole, &range)) != TEXT_WHOLE_END)
 *		switch (todo) {
 *		case TEXT_WHOLE_READ:
 *			read the range into block;
 *			text_whole_seen(&whole, block);
 *			break;
 *		case TEXT_WHOLE_REVERSE:
 *			text_reverse(out, block + range.in_block, range.length,
 *			    by, NULL), and append out to the output;
 *			break;
 *		case TEXT_WHOLE_COPY:
 *			append the range to the output as it is;
 *			break;
 *		}
 *
 * A range of READ or REVERSE has at most the size of the block.  One of COPY
 * is a single unit larger than that, and may be the whole text: it is copied
 * in steps of the caller's choice.  In the end the output has every byte once,
 * and each byte was read at most a few times, whatever the text is.
 */
struct text_whole {
	uint64_t end;      /* what is behind is in the output */
	uint64_t block_at; /* the range last asked for */
	size_t block_length;
	size_t block_max;
	uint64_t next_end; /* what end will be when the range is written */
	bool walking;      /* no unit starts in the last block for certain */
	struct walk walk;
};

enum text_whole_todo {
	TEXT_WHOLE_END,
	TEXT_WHOLE_READ,
	TEXT_WHOLE_REVERSE,
	TEXT_WHOLE_COPY,
};

struct text_range {
	uint64_t offset; /* in the text */
	uint64_t length;
	size_t in_block; /* REVERSE: where the range begins in the block */
};

/* The least block_max. */
#define TEXT_WHOLE_BLOCK_MIN 16

/*
 * The text has size bytes, all well-formed if by is checked (text_check tells
 * while the text comes in).  Returns 0, or -EINVAL.
 */
int text_whole_init(
    struct text_whole *whole, uint64_t size, size_t block_max, enum text_by by);

enum text_whole_todo text_whole_next(
    struct text_whole *whole, struct text_range *range);

/* The range that was asked for is in block. */
void text_whole_seen(struct text_whole *whole, const uint8_t *block);

#endif
