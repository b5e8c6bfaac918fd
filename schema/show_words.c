#include "schema/show_words.h"

#include "base/base.h"
#include "base/printable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	/* Bytes of a text that are looked at. */
	TEXT_MAX = 64,
	ELLIPSIS = 3,
};

/* Columns that a character may take: those that are no ASCII may take two. */
static unsigned int
columns_of(uint32_t character)
{
	return character < 0x80 ? 1 : 2;
}

/* Cuts what is longer, and marks that. */
static void
cut(char *text, unsigned int columns)
{
	size_t len = strlen(text), at = 0, fits = 0, step;
	unsigned int used = 0;
	uint32_t character = 0;

	while (at < len) {
		step = printable_character(
		    (const uint8_t *)text + at, len - at, &character);
		used += columns_of(step > 0 ? character : '?');
		if (used > columns)
			break;
		at += step > 0 ? step : 1;
		if (used <= columns - ELLIPSIS)
			fits = at;
	}
	if (at < len)
		strcpy(text + fits, "...");
}

/* Its characters, as far as they are looked at.  False: it is no text. */
static bool
put_text(char *out, const uint8_t *bytes, size_t len)
{
	size_t at = 0, step;
	uint32_t character;
	bool is_text = false;

	while (at < len && at < TEXT_MAX) {
		step = printable_character(bytes + at, len - at, &character);
		if (step == 0)
			return false;
		if (printable_is_wild(character)) {
			for (size_t i = 0; i < step; i++)
				out = printable_escape(out, bytes[at + i]);
		} else {
			memcpy(out, bytes + at, step);
			out += step;
			is_text = true;
		}
		at += step;
	}
	strcpy(out, at < len ? "..." : "\"");
	return is_text;
}

/* The name, and which element it is. */
static int
put_name(char *out, size_t size, const struct part *part)
{
	return part->index == PART_NO_INDEX
	    ? snprintf(out, size, "%.200s", part->name)
	    : snprintf(
		  out, size, "%.200s[%" PRIu32 "]", part->name, part->index);
}

static void
put_double(char *out, size_t size, const struct part *part)
{
	double d;

	memcpy(&d, &part->value, sizeof(d));
	snprintf(out, size, " %.17g", d);
}

static void
put_float(char *out, size_t size, const struct part *part)
{
	uint32_t bits = (uint32_t)part->value;
	float f;

	memcpy(&f, &bits, sizeof(f));
	snprintf(out, size, " %.9g", (double)f);
}

static void
put_value(char *out, size_t size, const struct part *part)
{
	enum schema_kind kind = part->is.type->kind;

	if (part->word != NULL)
		snprintf(out, size, " %.150s (%" PRId64 ")", part->word,
		    (int64_t)part->value);
	else if (kind == SCHEMA_FLOAT)
		put_float(out, size, part);
	else if (kind == SCHEMA_DOUBLE)
		put_double(out, size, part);
	else if (kind == SCHEMA_ENUM || kind == SCHEMA_BOOL)
		snprintf(out, size, " %" PRId64 ", which is no %.100s",
		    (int64_t)part->value, part->type_name);
	else if (kind == SCHEMA_INT || kind == SCHEMA_HYPER)
		snprintf(out, size, " %" PRId64, (int64_t)part->value);
	else if (kind != SCHEMA_QUADRUPLE)
		snprintf(out, size, " %" PRIu64, part->value);
}

static bool
is_bytes(const struct part *part)
{
	return part->is.type->kind == SCHEMA_OPAQUE ||
	    part->is.type->kind == SCHEMA_STRING;
}

static void
put_length(char *out, size_t size, const struct part *part)
{
	const char *what = is_bytes(part) ? "byte" : "element";

	snprintf(out, size, ": %" PRIu64 " %s%s", part->value, what,
	    part->value == 1 ? "" : "s");
}

static void
put_rest(char *out, size_t size, const struct part *part)
{
	snprintf(
	    out, size, "%s%.150s", *part->name != '\0' ? ": " : "", part->word);
}

/* What follows the name. */
static void
put_more(char *out, size_t size, const struct part *part, const uint8_t *bytes)
{
	char text[PRINTABLE_ESCAPE * (TEXT_MAX + PRINTABLE_ESCAPE) +
	    sizeof("...")];

	switch (part->kind) {
	case PART_BEGIN:
		snprintf(out, size, ": %.150s", part->type_name);
		break;
	case PART_VALUE:
	case PART_CASE:
		put_value(out, size, part);
		break;
	case PART_PRESENT:
		snprintf(
		    out, size, ": %s", part->value != 0 ? "present" : "absent");
		break;
	case PART_LENGTH:
		put_length(out, size, part);
		break;
	case PART_BYTES:
		if (put_text(text, bytes + part->at, part->len))
			snprintf(out, size, " \"%s", text);
		break;
	case PART_REST:
		put_rest(out, size, part);
		break;
	default:
		break;
	}
}

/* Nothing is said of what has no line of its own. */
static bool
is_silent(const struct part *part)
{
	switch (part->kind) {
	case PART_BEGIN:
		return part->is.shape == SCHEMA_FIXED ||
		    part->is.shape == SCHEMA_VARIABLE;
	case PART_END:
		return true;
	case PART_BYTES:
		return part->len == 0;
	default:
		return false;
	}
}

void
show_words(char out[SHOW_WORDS_MAX], unsigned int columns,
    const struct part *part, const uint8_t *bytes)
{
	int len;

	*out = '\0';
	if (is_silent(part))
		return;
	len = put_name(out, SHOW_WORDS_MAX, part);
	put_more(out + len, SHOW_WORDS_MAX - (size_t)len, part, bytes);
	cut(out, columns);
}

void
show_words_of_marks(char out[SHOW_WORDS_MAX], size_t marks, size_t len)
{
	if (marks == SHOW_MARK)
		snprintf(out, SHOW_WORDS_MAX,
		    "record mark: last fragment, %zu bytes", len);
	else
		snprintf(out, SHOW_WORDS_MAX,
		    "record marks: %zu fragments, joined", marks / SHOW_MARK);
}
