/*
 * Reversal of text by units: the units of a text in the opposite order, each
 * unit whole.  Pure functions: no I/O, no allocation, no locale, safe in any
 * thread.  Every function takes time linear in its input, whatever is in it.
 *
 * Text units (grapheme, code point, word) are defined on well-formed UTF-8
 * (Unicode 17.0, section 3.9, table 3-7) and refuse anything else; bytes and
 * lines are defined on any bytes.  NUL, the byte order mark, bidirectional
 * controls and noncharacters are ordinary characters.  Nothing is normalised,
 * added or dropped: the output has the bytes of the input, and is as long.
 *
 * Reversing twice gives the input back for code points, bytes and words
 * always; for lines if the input is empty, ends in LF or has no LF; for
 * graphemes if the clusters of the output are the clusters of the input.
 */
#ifndef TEXT_TEXT_H
#define TEXT_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum text_by {
	/* Extended grapheme clusters, UAX #29, GB9c included. */
	TEXT_BY_GRAPHEME = 0,
	/* Unicode scalar values. */
	TEXT_BY_CODEPOINT = 1,
	TEXT_BY_BYTE = 2,
	/* Runs of characters with White_Space, and runs of those without. */
	TEXT_BY_WORD = 3,
	/* Records that end in LF; the last one may lack it, as for tac(1). */
	TEXT_BY_LINE = 4,
};

/* What a function returns beside 0 and a negative errno. */
enum text_outcome {
	TEXT_ILL_FORMED = 1, /* not UTF-8, from the offset given on */
};

/* The version of Unicode all results are of: "17.0.0". */
const char *text_unicode_version(void);

/* The code that runs: "portable", "avx2" or "avx512" (text/choice.h). */
const char *text_kernel_name(void);

/*
 * Writes the len bytes of in to out, units in the opposite order.  in and out
 * do not overlap.  Returns 0; TEXT_ILL_FORMED with the offset of the first
 * ill-formed sequence in *bad_at, out then holding nothing of use; -EINVAL
 * when by is no unit.  bad_at is written only in the case named, and may be
 * NULL.
 */
int text_reverse(uint8_t *out, const uint8_t *in, size_t len, enum text_by by,
    size_t *bad_at);

/*
 * Whether in is well-formed UTF-8.  Returns 0 or TEXT_ILL_FORMED, and treats
 * bad_at as text_reverse does.  A sequence cut short by the end of in is
 * ill-formed.
 */
int text_validate(const uint8_t *in, size_t len, size_t *bad_at);

/* Whether by is a unit. */
int text_by_is_known(enum text_by by);

/* Whether by is a unit that refuses ill-formed UTF-8. */
int text_by_is_checked(enum text_by by);

#endif
