/* Validation of UTF-8 by the table of well-formed sequences. */
#include "text/utf8.h"

#include <string.h>

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

size_t
utf8_valid(const uint8_t *in, size_t len)
{
	const uint64_t high = 0x8080808080808080u;
	unsigned int length;
	uint64_t eight;
	size_t at = 0;

	while (at < len) {
		if (in[at] < 0x80 && len - at >= sizeof(eight)) {
			memcpy(&eight, in + at, sizeof(eight));
			if ((eight & high) == 0) {
				at += sizeof(eight);
				continue;
			}
		}
		length = utf8_sequence(in + at, len - at);
		if (length == 0)
			break;
		at += length;
	}
	return at;
}
