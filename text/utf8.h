/*
 * UTF-8, one sequence at a time (Unicode 17.0, section 3.9).  For the sources
 * of this folder.
 */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Length of the sequence that begins with the left bytes at p (of which the
 * first 4 count), which may be more than left; 0 if it is ill-formed whatever
 * may follow.  left is not 0.
 */
unsigned int utf8_promise(const uint8_t *p, size_t left);

/* Length of the well-formed sequence at p, of at most left bytes; else 0. */
unsigned int utf8_sequence(const uint8_t *p, size_t left);

/* Length of the longest prefix of in that is well-formed. */
size_t utf8_valid(const uint8_t *in, size_t len);

/*
 * The same, when no sequence that ends before at is ill-formed: looks only at
 * the last character before at, and at what follows.
 */
size_t utf8_valid_behind(const uint8_t *in, size_t len, size_t at);

static inline bool
utf8_continues(uint8_t byte)
{
	return (byte & 0xc0) == 0x80;
}

/* Reads the character at p, which is well-formed; returns its length. */
static inline unsigned int
utf8_decode(const uint8_t *p, uint32_t *point)
{
	if (p[0] < 0x80) {
		*point = p[0];
		return 1;
	}
	if (p[0] < 0xe0) {
		*point = (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
		return 2;
	}
	if (p[0] < 0xf0) {
		*point =
		    (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
		return 3;
	}
	*point = (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 |
	    (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
	return 4;
}

/* The start of the character that ends before p, in well-formed text. */
static inline const uint8_t *
utf8_before(const uint8_t *p)
{
	do
		p--;
	while (utf8_continues(*p));
	return p;
}

#endif
