#include "schema/show.h"

#include "base/put.h"
#include "schema/show_words.h"
#include "schema/skipping.h"

#include <stdio.h>
#include <string.h>

enum {
	ROW = 8,            /* bytes in a line */
	HEX = 3 * ROW - 1,  /* columns of them */
	LEFT = 8 + HEX + 2, /* columns before the words */
	INDENT = 2,
	OFFSET_MOST = 999999, /* that has the digits of its column */
	/* Parts within each other that are indented. */
	INDENTED = 10,
};

static_assert(LEFT + SHOW_WORDS_MAX + 64 < PUT_FORMAT_MAX,
    "a line with its colours can be put at once");

static const char plain[] = "", faint[] = "\033[2m", name[] = "\033[36m",
		  wrong[] = "\033[31m";

struct show {
	struct put put;
	const struct show_message *message;
	bool colours;
	struct skipping skipping;
};

/* A line; hex and words may be "". */
static void
add_line(struct show *show, const char *at, const char *hex, const char *words,
    const char *colour)
{
	const char *dim = show->colours ? faint : plain;
	const char *shade = show->colours ? colour : plain;

	if (*words == '\0')
		put_format(&show->put, "%s%6s%s  %s\n", dim, at,
		    *dim != '\0' ? "\033[0m" : "", hex);
	else
		put_format(&show->put, "%s%6s%s  %-*s  %s%s%s\n", dim, at,
		    *dim != '\0' ? "\033[0m" : "", HEX, hex, shade, words,
		    *shade != '\0' ? "\033[0m" : "");
}

/* Bytes that have a line. */
static void
add_row(struct show *show, size_t at, size_t len, const char *words,
    const char *colour)
{
	char hex[3 * ROW + 1] = "", offset[24];

	for (size_t i = 0; i < len; i++)
		sprintf(hex + 3 * i, "%02x%s", show->message->bytes[at + i],
		    i + 1 < len ? " " : "");
	snprintf(offset, sizeof(offset), "%zu", at + show->message->marks);
	add_line(show, offset, hex, words, colour);
}

/* Bytes, of which the middle may be left out. */
static void
add_rows(struct show *show, size_t at, size_t len, const char *words,
    const char *colour)
{
	size_t end = at + len, step;
	char note[64];

	for (size_t head = at + SHOW_HEAD; at < end; at += step) {
		if (len > SHOW_BYTES && at == head) {
			step = len - SHOW_HEAD - SHOW_TAIL;
			snprintf(note, sizeof(note), "... %zu bytes ...", step);
			add_line(show, "", note, "", faint);
			continue;
		}
		step = MIN_OF(end - at, (size_t)ROW);
		add_row(show, at, step, words, colour);
		words = "";
	}
}

static unsigned int
indent_of(const struct part *part)
{
	return INDENT * MIN_OF(part->depth, (unsigned int)INDENTED);
}

/* For words, beside an offset that may have more digits than its column. */
static unsigned int
columns_at(const struct show *show, const struct part *part)
{
	size_t last = part->at + show->message->marks;
	unsigned int columns = SHOW_COLUMNS - LEFT;

	for (size_t most = OFFSET_MOST; last > most; last /= 10)
		columns--;
	return columns;
}

static void
add_part(struct show *show, const struct part *part)
{
	unsigned int indent = indent_of(part);
	char words[INDENT * INDENTED + SHOW_WORDS_MAX];
	const char *colour = part->kind == PART_REST ? wrong : name;

	memset(words, ' ', indent);
	show_words(words + indent, columns_at(show, part) - indent, part,
	    show->message->bytes);
	if (words[indent] == '\0')
		return;
	if (part->len == 0)
		add_line(show, "", "", words, colour);
	else
		add_rows(show, part->at, part->len, words, colour);
	if (part->padding == 0)
		return;
	strcpy(words + indent, "padding");
	add_row(show, part->at + part->len, part->padding, words, faint);
}

/* What was left out until now. */
static void
end_skipping(struct show *show)
{
	struct skipping *left_out = &show->skipping;
	char note[80];

	if (!left_out->skips)
		return;
	left_out->skips = false;
	snprintf(note, sizeof(note), "... %zu elements, %zu bytes ...",
	    left_out->elements, left_out->len);
	add_line(show, "", note, "", faint);
}

/* Of one record mark the bytes are known, of more their number. */
static void
add_marks(struct show *show)
{
	size_t len = show->message->len, marks = show->message->marks;
	uint32_t mark = (uint32_t)len | 0x80000000u;
	char hex[32], words[SHOW_WORDS_MAX];

	if (marks == 0)
		return;
	if (marks == SHOW_MARK) {
		snprintf(hex, sizeof(hex), "%02x %02x %02x %02x", mark >> 24,
		    mark >> 16 & 255, mark >> 8 & 255, mark & 255);
	} else {
		snprintf(hex, sizeof(hex), "%zu bytes", marks);
	}
	show_words_of_marks(words, marks, len);
	add_line(show, "0", hex, words, name);
}

int
show_message(struct buffer *out, const struct message_words *words,
    const struct show_message *message, const struct message_target *of,
    bool colours)
{
	struct show show = {
		.put.out = out,
		.message = message,
		.colours = colours,
	};
	struct message m;
	struct part part;

	add_marks(&show);
	message_start(&m, words, message->bytes, message->len, of);
	while (show.put.result == 0 && message_next(&m, &part))
		if (!skipping_takes(&show.skipping, &part)) {
			end_skipping(&show);
			add_part(&show, &part);
		}
	end_skipping(&show);
	return show.put.result;
}
