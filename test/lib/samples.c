/* Strings to try: see samples.h. */
#include "test/lib/samples.h"

#include <string.h>

/* A few characters of every class, and of every length in UTF-8. */
static const uint32_t alphabet[] = {
	'a',
	'z',
	' ',
	'\n',
	'\r',
	'\r',
	'\n',
	0,
	0x7f,
	'0',
	0x85,
	0xa0,
	0xa9,
	0xad,
	0xe9,
	0x416,
	0x7ff,
	/* Extend */
	0x300,
	0x301,
	0x36f,
	0x483,
	0x5b0,
	0x610,
	0x654,
	/* Prepend */
	0x600,
	0x605,
	0x6dd,
	0x70f,
	0x110bd,
	/* SpacingMark */
	0x903,
	0x93e,
	0xe33,
	0xeb3,
	0x11000,
	/* consonants and linkers */
	0x915,
	0x916,
	0x937,
	0x995,
	0xd15,
	0x1000,
	0x11f04,
	0x94d,
	0x94d,
	0x9cd,
	0xd4d,
	0x1039,
	0x11f42,
	0x200b,
	0x200c,
	0x200d,
	0x200d,
	0x200e,
	0x2028,
	0x3000,
	/* Hangul, and what has its classes */
	0x1100,
	0x1160,
	0x11a8,
	0xac00,
	0xac01,
	0xa960,
	0xd7b0,
	0xd7cb,
	0x16d67,
	0x16d68,
	/* emoji, flags and tags */
	0x2701,
	0x2764,
	0xfe0f,
	0xfe0e,
	0x20e3,
	0x231a,
	0x1f1e6,
	0x1f1e7,
	0x1f1ff,
	0x1f1ff,
	0x1f469,
	0x1f467,
	0x1f600,
	0x1f3fb,
	0x1f3ff,
	0xe0067,
	0xe007f,
	/* others of three and four bytes */
	0x3042,
	0x30ab,
	0x3099,
	0x302a,
	0x6f22,
	0x20000,
	0xff9e,
	0xfeff,
	0xfffe,
	0xffff,
	0x10ffff,
	0xe000,
	0xd7a3,
	0x1d165,
	0x10000,
};

#define ALPHABET (sizeof(alphabet) / sizeof(alphabet[0]))

void
samples_init(struct samples *samples, uint64_t seed)
{
	samples->state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

uint32_t
samples_below(struct samples *samples, uint32_t bound)
{
	samples->state ^= samples->state << 13;
	samples->state ^= samples->state >> 7;
	samples->state ^= samples->state << 17;
	return (uint32_t)(samples->state >> 32) % bound;
}

size_t
samples_encode(uint32_t point, uint8_t *buf)
{
	if (point < 0x80) {
		buf[0] = (uint8_t)point;
		return 1;
	}
	if (point < 0x800) {
		buf[0] = (uint8_t)(0xc0 | point >> 6);
		buf[1] = (uint8_t)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		buf[0] = (uint8_t)(0xe0 | point >> 12);
		buf[1] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
		buf[2] = (uint8_t)(0x80 | (point & 0x3f));
		return 3;
	}
	buf[0] = (uint8_t)(0xf0 | point >> 18);
	buf[1] = (uint8_t)(0x80 | (point >> 12 & 0x3f));
	buf[2] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
	buf[3] = (uint8_t)(0x80 | (point & 0x3f));
	return 4;
}

/* Any scalar value, of each length in UTF-8 as often as of any other. */
static uint32_t
any_point(struct samples *samples)
{
	uint32_t point;

	switch (samples_below(samples, 4)) {
	case 0:
		return samples_below(samples, 0x80);
	case 1:
		return 0x80 + samples_below(samples, 0x780);
	case 2:
		point = 0x800 + samples_below(samples, 0xf800 - 0x800);
		return point < 0xd800 ? point : point + 0x800;
	default:
		return 0x10000 + samples_below(samples, 0x100000);
	}
}

size_t
samples_text(struct samples *samples, uint8_t *buf, size_t max)
{
	uint32_t set[4], run, kind;
	uint8_t one[4];
	size_t n, at = 0;

	for (;;) {
		/* A run of one to four characters in any order. */
		kind = samples_below(samples, 8);
		for (size_t i = 0; i < 4; i++) {
			if (kind == 0)
				set[i] = any_point(samples);
			else if (kind == 1)
				set[i] = 'a' + samples_below(samples, 26);
			else
				set[i] =
				    alphabet[samples_below(samples, ALPHABET)];
		}
		run = samples_below(samples, kind < 5 ? 8 : 100);
		for (uint32_t i = 0; i <= run; i++) {
			n = samples_encode(
			    set[samples_below(samples, kind % 4 + 1)], one);
			if (n > max - at)
				return at;
			memcpy(buf + at, one, n);
			at += n;
		}
	}
}
