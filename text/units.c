/* Words and lines, and every unit one at a time: see text/units.h. */
#include "text/units.h"

#include <string.h>

#include "text/cluster.h"
#include "text/utf8.h"

static size_t
word_length(const uint8_t *in, size_t len)
{
	unsigned int white;
	uint32_t point;
	size_t at;

	at = utf8_decode(in, &point);
	white = text_class(point) & TEXT_CLASS_WHITE;
	while (at < len) {
		unsigned int n = utf8_decode(in + at, &point);

		if ((text_class(point) & TEXT_CLASS_WHITE) != white)
			break;
		at += n;
	}
	return at;
}

static size_t
line_length(const uint8_t *in, size_t len)
{
	const uint8_t *lf = memchr(in, '\n', len);

	return lf == NULL ? len : (size_t)(lf - in) + 1;
}

size_t
unit_length(const uint8_t *in, size_t len, enum text_by by)
{
	uint32_t point;

	switch (by) {
	case TEXT_BY_GRAPHEME:
		return cluster_length(in, len);
	case TEXT_BY_CODEPOINT:
		return utf8_decode(in, &point);
	case TEXT_BY_WORD:
		return word_length(in, len);
	case TEXT_BY_LINE:
		return line_length(in, len);
	case TEXT_BY_BYTE:
		break;
	}
	return 1;
}

static size_t
reverse(
    const struct text_piece *piece, size_t (*length)(const uint8_t *, size_t))
{
	size_t at = 0, left, n;

	while (at < piece->len) {
		left = piece->len - at;
		n = length(piece->in + at, left);
		if (n == left && !piece->last)
			break;
		memcpy(piece->end - at - n, piece->in + at, n);
		at += n;
	}
	return at;
}

size_t
words_reverse(const struct text_piece *piece)
{
	return reverse(piece, word_length);
}

size_t
lines_reverse(const struct text_piece *piece)
{
	return reverse(piece, line_length);
}
