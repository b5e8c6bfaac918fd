/* Tables that the kernels for x86 share: see text/kernel_x86.h. */
#include "text/kernel_x86.h"

#ifdef TEXT_KERNEL_X86

enum {
	TOO_SHORT = 0x01,  /* a lead without continuation */
	TOO_LONG = 0x02,   /* ASCII with one */
	OVERLONG_3 = 0x04, /* E0 80..9F */
	SURROGATE = 0x08,  /* ED A0..BF */
	OVERLONG_2 = 0x10, /* C0, C1 */
	TOO_LARGE = 0x20,  /* F4 90..BF, F5..FF 90..BF */
	EDGE_OF_4 = 0x40,  /* F0 80..8F, overlong; F5..FF 80..8F, too large */
	CONTINUED = 0x80,  /* a continuation with one */
	OF_ANY_LOW = TOO_SHORT | TOO_LONG | CONTINUED,
};

const uint8_t utf8_first_high[16] = {
	[0x0 ... 0x7] = TOO_LONG,
	[0x8 ... 0xb] = CONTINUED,
	[0xc] = TOO_SHORT | OVERLONG_2,
	[0xd] = TOO_SHORT,
	[0xe] = TOO_SHORT | OVERLONG_3 | SURROGATE,
	[0xf] = TOO_SHORT | TOO_LARGE | EDGE_OF_4,
};

const uint8_t utf8_first_low[16] = {
	[0x0] = OF_ANY_LOW | OVERLONG_3 | OVERLONG_2 | EDGE_OF_4,
	[0x1] = OF_ANY_LOW | OVERLONG_2,
	[0x2 ... 0x3] = OF_ANY_LOW,
	[0x4] = OF_ANY_LOW | TOO_LARGE,
	[0x5 ... 0xc] = OF_ANY_LOW | TOO_LARGE | EDGE_OF_4,
	[0xd] = OF_ANY_LOW | TOO_LARGE | EDGE_OF_4 | SURROGATE,
	[0xe ... 0xf] = OF_ANY_LOW | TOO_LARGE | EDGE_OF_4,
};

#define OF_ANY_CONTINUATION (TOO_LONG | OVERLONG_2 | CONTINUED)

const uint8_t utf8_second_high[16] = {
	[0x0 ... 0x7] = TOO_SHORT,
	[0x8] = OF_ANY_CONTINUATION | OVERLONG_3 | EDGE_OF_4,
	[0x9] = OF_ANY_CONTINUATION | OVERLONG_3 | TOO_LARGE,
	[0xa ... 0xb] = OF_ANY_CONTINUATION | SURROGATE | TOO_LARGE,
	[0xc ... 0xf] = TOO_SHORT,
};

/*
 * Sets of two-byte characters with joiners.  Everyday text in Cyrillic, Hebrew
 * or Arabic has few of them, but many others of the same leads:
 *
 *	01	DC to DF
 *	02	CC, CD
 *	04	D2 and D7 with 80..89: Cyrillic and Hebrew marks
 *	08	D6 and DB with 90..BF: Hebrew and Koranic marks
 *	10	D9 B0, the Arabic superscript alef
 *	20	D8 with 80..8A and 90..9A: Arabic signs
 *	40	D9 with 8B..8F, and
 *	80	D9 with 90..9F: Arabic vowels
 */
const uint8_t two_lead_high[16] = { [0xc] = 0x02, [0xd] = 0xfd };
const uint8_t two_lead_low[16] = {
	[0x2] = 0x04,
	[0x6] = 0x08,
	[0x7] = 0x04,
	[0x8] = 0x20,
	[0x9] = 0xd0,
	[0xb] = 0x08,
	[0xc ... 0xd] = 0x03,
	[0xe ... 0xf] = 0x01,
};
const uint8_t two_second_high[16] = {
	[0x8] = 0x67,
	[0x9] = 0xab,
	[0xa] = 0x0b,
	[0xb] = 0x1b,
};
const uint8_t two_second_low[16] = {
	[0x0] = 0xbf,
	[0x1 ... 0x9] = 0xaf,
	[0xa] = 0xab,
	[0xb ... 0xf] = 0xcb,
};

#endif
