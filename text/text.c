/* Whole texts in memory: see text/text.h. */
#include "text/text.h"

#include <errno.h>

#include "text/choice.h"
#include "text/tables.h"
#include "text/units.h"
#include "text/utf8.h"

/*
 * Validation runs ahead of reversal by so many bytes, which both then find in
 * the first cache of the processor together with the output.
 */
#define PIECE ((size_t)16384)

const char *
text_unicode_version(void)
{
	return text_tables_version;
}

const char *
text_kernel_name(void)
{
	return text_kernel()->name;
}

int
text_by_is_known(enum text_by by)
{
	return by == TEXT_BY_BYTE || by == TEXT_BY_LINE ||
	    text_by_is_checked(by);
}

int
text_by_is_checked(enum text_by by)
{
	return by == TEXT_BY_GRAPHEME || by == TEXT_BY_CODEPOINT ||
	    by == TEXT_BY_WORD;
}

static int
ill_formed(size_t *bad_at, size_t at)
{
	if (bad_at != NULL)
		*bad_at = at;
	return TEXT_ILL_FORMED;
}

int
text_validate(const uint8_t *in, size_t len, size_t *bad_at)
{
	size_t valid = text_kernel()->valid(in, len);

	return valid == len ? 0 : ill_formed(bad_at, valid);
}

static text_function *
function_of(enum text_by by)
{
	switch (by) {
	case TEXT_BY_GRAPHEME:
		return text_kernel()->graphemes;
	case TEXT_BY_CODEPOINT:
		return text_kernel()->codepoints;
	case TEXT_BY_WORD:
		return words_reverse;
	case TEXT_BY_LINE:
	case TEXT_BY_BYTE:
		break;
	}
	return NULL;
}

/*
 * Validates and reverses piece by piece.  A unit longer than the piece makes
 * the piece twice as long, so that no byte is read more than a few times.
 */
static int
reverse_checked(uint8_t *out, const uint8_t *in, size_t len,
    text_function *function, size_t *bad_at)
{
	size_t at = 0, valid = 0, most = PIECE, stop, n;

	while (at < len) {
		stop = len - at > most ? at + most : len;
		if (stop > valid) {
			n = text_kernel()->valid(in + valid, stop - valid);
			valid += n;
			if (valid < stop) {
				if (utf8_sequence(in + valid, len - valid) == 0)
					return ill_formed(bad_at, valid);
				stop = valid; /* cuts a character */
			}
		}
		n = function(&(struct text_piece){
		    .in = in + at,
		    .len = stop - at,
		    .out = out,
		    .end = out + len - at,
		    .last = stop == len,
		});
		at += n;
		most = n > 0 ? PIECE : 2 * most;
	}
	return 0;
}

int
text_reverse(uint8_t *out, const uint8_t *in, size_t len, enum text_by by,
    size_t *bad_at)
{
	if (by == TEXT_BY_BYTE)
		text_kernel()->bytes(out, in, len);
	else if (by == TEXT_BY_LINE)
		lines_reverse(&(struct text_piece){ .in = in,
		    .len = len,
		    .out = out,
		    .end = out + len,
		    .last = true });
	else if (text_by_is_checked(by))
		return reverse_checked(out, in, len, function_of(by), bad_at);
	else
		return -EINVAL;
	return 0;
}
