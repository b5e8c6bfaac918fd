#include "base/printable.h"

#include <string.h>

/* The length of a sequence by its first byte; 0: it cannot be one. */
static size_t
length_of(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	if (first < 0xe0)
		return 2;
	return first < 0xf0 ? 3 : 4;
}

size_t
printable_character(const uint8_t *in, size_t len, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = length_of(in[0]);
	uint32_t code = in[0];

	if (length == 0 || length > len)
		return 0;
	if (length > 1)
		code &= 0x7fu >> length;
	for (size_t i = 1; i < length; i++) {
		if ((in[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (in[i] & 0x3f);
	}
	if (code < least[length] || code > 0x10ffff ||
	    (code >= 0xd800 && code < 0xe000))
		return 0;
	*character = code;
	return length;
}

bool
printable_is_wild(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
	    (character >= 0x2028 && character <= 0x202e) ||
	    (character >= 0x2066 && character <= 0x2069);
}

char *
printable_escape(char *at, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";

	*at++ = '\\';
	*at++ = 'x';
	*at++ = hex[byte >> 4];
	*at++ = hex[byte & 15];
	return at;
}

char *
printable(char *out, size_t size, const void *bytes, size_t len)
{
	const uint8_t *in = bytes;
	char *at = out;

	while (len > 0) {
		uint32_t character = 0;
		size_t length = printable_character(in, len, &character);
		bool wild = length == 0 || printable_is_wild(character);
		size_t taken = length == 0 ? 1 : length;
		size_t room = size - (size_t)(at - out);

		if ((wild ? taken * PRINTABLE_ESCAPE : taken) >= room)
			break;
		for (size_t i = 0; i < taken; i++) {
			if (wild)
				at = printable_escape(at, in[i]);
			else
				*at++ = (char)in[i];
		}
		in += taken;
		len -= taken;
	}
	*at = '\0';
	return out;
}
