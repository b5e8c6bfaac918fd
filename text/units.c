/* Words and lines: see text/units.h. */
#include "text/units.h"

#include <stdbool.h>
#include <string.h>

#include "text/cluster.h"
#include "text/utf8.h"

/* Bytes looked at before the words in them are copied. */
#define BATCH 256

/* What a byte of well-formed text says of the character it is in. */
enum {
	NOT_WHITE, /* no White_Space, or not the first byte of one */
	WHITE,
	LOOK, /* a lead of White_Space and of others */
};

static const uint8_t kinds[256] = {
	['\t' ... '\r'] = WHITE,
	[' '] = WHITE,
	[0xc2] = LOOK, /* U+0085, U+00A0 */
	[0xe1] = LOOK, /* U+1680 */
	[0xe2] = LOOK, /* U+2000 to U+205F */
	[0xe3] = LOOK, /* U+3000 */
};

/* Whether the character at in is White_Space, and its length. */
static inline bool
is_white(const uint8_t *in, size_t *length)
{
	uint32_t point;

	*length = 1;
	if (kinds[*in] != LOOK)
		return kinds[*in] == WHITE;
	*length = utf8_decode(in, &point);
	return (text_class(point) & TEXT_CLASS_WHITE) != 0;
}

static size_t
line_length(const uint8_t *in, size_t len)
{
	const uint8_t *lf = memchr(in, '\n', len);

	return lf == NULL ? len : (size_t)(lf - in) + 1;
}

/* As for clusters, whether a word starts decides no branch. */
size_t
words_reverse(const struct text_piece *piece)
{
	size_t starts[BATCH], at = 0, start = 0, len = piece->len, n;
	unsigned int count;
	bool white, before;

	before = len > 0 && is_white(piece->in, &n);
	while (at < len) {
		count = 0;
		for (int i = 0; i < BATCH && at < len; i++) {
			white = is_white(piece->in + at, &n);
			starts[count] = at;
			count += white != before;
			before = white;
			at += n;
		}
		start = cluster_copy_all(piece, start, starts, count);
	}
	if (!piece->last)
		return start;
	cluster_copy(piece, start, at);
	return at;
}

size_t
lines_reverse(const struct text_piece *piece)
{
	size_t at = 0, n;

	while (at < piece->len) {
		n = line_length(piece->in + at, piece->len - at);
		if (n == piece->len - at && !piece->last)
			break;
		cluster_copy(piece, at, at + n);
		at += n;
	}
	return at;
}
