/* Validation of UTF-8 by the table of well-formed sequences. */
#include "text/utf8.h"

#include <string.h>

/* Bytes between two looks at the outcome. */
#define STEP 16

/* Whether the second byte may follow the lead byte (Unicode, table 3-7). */
static bool
second_is_right(uint8_t lead, uint8_t second)
{
	switch (lead) {
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return utf8_continues(second);
	}
}

unsigned int
utf8_promise(const uint8_t *p, size_t left)
{
	unsigned int length;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	length = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (left > 1 && !second_is_right(p[0], p[1]))
		return 0;
	if (length > 2 && left > 2 && !utf8_continues(p[2]))
		return 0;
	if (length > 3 && left > 3 && !utf8_continues(p[3]))
		return 0;
	return length;
}

unsigned int
utf8_sequence(const uint8_t *p, size_t left)
{
	unsigned int length = left > 0 ? utf8_promise(p, left) : 0;

	return length <= left ? length : 0;
}

/*
 * An automaton that reads one byte a step.  A state is the number of bits by
 * which to shift the row of the byte read to have the next state in its low
 * bits, so that a step is a shift and nothing else depends on the last one.
 */
enum {
	AT_START = 0, /* between characters */
	AT_ERROR = 6, /* and no way out of it */
	NEEDS_1 = 12, /* so many more bytes, each 80..BF */
	NEEDS_2 = 18,
	NEEDS_3 = 24,
	BEHIND_E0 = 30,
	BEHIND_ED = 36,
	BEHIND_F0 = 42,
	BEHIND_F4 = 48,
};

/* What the states above become, in their order but for AT_ERROR. */
#define ROW(start, n1, n2, n3, e0, ed, f0, f4)                            \
	((uint64_t)(start) << AT_START | (uint64_t)AT_ERROR << AT_ERROR | \
	    (uint64_t)(n1) << NEEDS_1 | (uint64_t)(n2) << NEEDS_2 |       \
	    (uint64_t)(n3) << NEEDS_3 | (uint64_t)(e0) << BEHIND_E0 |     \
	    (uint64_t)(ed) << BEHIND_ED | (uint64_t)(f0) << BEHIND_F0 |   \
	    (uint64_t)(f4) << BEHIND_F4)
#define NO          AT_ERROR
#define LEAD(state) ROW(state, NO, NO, NO, NO, NO, NO, NO)

static const uint64_t rows[256] = {
	[0x00 ... 0x7f] = LEAD(AT_START),
	[0x80 ... 0x8f] =
	    ROW(NO, AT_START, NEEDS_1, NEEDS_2, NO, NEEDS_1, NO, NEEDS_2),
	[0x90 ... 0x9f] =
	    ROW(NO, AT_START, NEEDS_1, NEEDS_2, NO, NEEDS_1, NEEDS_2, NO),
	[0xa0 ... 0xbf] =
	    ROW(NO, AT_START, NEEDS_1, NEEDS_2, NEEDS_1, NO, NEEDS_2, NO),
	[0xc0 ... 0xc1] = LEAD(NO),
	[0xc2 ... 0xdf] = LEAD(NEEDS_1),
	[0xe0] = LEAD(BEHIND_E0),
	[0xe1 ... 0xec] = LEAD(NEEDS_2),
	[0xed] = LEAD(BEHIND_ED),
	[0xee ... 0xef] = LEAD(NEEDS_2),
	[0xf0] = LEAD(BEHIND_F0),
	[0xf1 ... 0xf3] = LEAD(NEEDS_3),
	[0xf4] = LEAD(BEHIND_F4),
	[0xf5 ... 0xff] = LEAD(NO),
};

static bool
is_ascii(const uint8_t *p)
{
	uint64_t a, b;

	memcpy(&a, p, sizeof(a));
	memcpy(&b, p + sizeof(a), sizeof(b));
	return ((a | b) & UINT64_C(0x8080808080808080)) == 0;
}

/* Characters one by one, from a place between two. */
static size_t
valid_from(const uint8_t *in, size_t len, size_t at)
{
	unsigned int length;

	while (at < len) {
		length = utf8_sequence(in + at, len - at);
		if (length == 0)
			break;
		at += length;
	}
	return at;
}

size_t
utf8_valid_behind(const uint8_t *in, size_t len, size_t at)
{
	for (int i = 0; i < 4 && at > 0; i++)
		if (!utf8_continues(in[--at]))
			break;
	return valid_from(in, len, at);
}

size_t
utf8_valid(const uint8_t *in, size_t len)
{
	uint64_t state = AT_START;
	size_t at = 0;

	while (len - at >= STEP) {
		if ((state & 63) == AT_START && is_ascii(in + at)) {
			at += STEP;
			continue;
		}
		for (size_t i = 0; i < STEP; i++)
			state = rows[in[at + i]] >> (state & 63);
		if ((state & 63) == AT_ERROR)
			break;
		at += STEP;
	}
	return utf8_valid_behind(in, len, at);
}
