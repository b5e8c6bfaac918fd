#include "base/json_text.h"

#include "base/printable.h"

#include <stdio.h>

static void
put(const struct json_sink *sink, const void *bytes, size_t len)
{
	if (len > 0)
		sink->put(sink->context, bytes, len);
}

static void
put_escaped(const struct json_sink *sink, uint32_t character)
{
	char text[16];
	int len;

	if (character == '\n')
		len = snprintf(text, sizeof(text), "\\n");
	else if (printable_is_wild(character))
		len = snprintf(
		    text, sizeof(text), "\\u%04x", (unsigned int)character);
	else
		len = snprintf(text, sizeof(text), "\\%c", (int)character);
	put(sink, text, (size_t)len);
}

static bool
is_escaped(uint32_t character)
{
	return character == '"' || character == '\\' ||
	    printable_is_wild(character);
}

bool
json_is_text(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	uint32_t character;
	size_t step;

	for (; len > 0; at += step, len -= step) {
		step = printable_character(at, len, &character);
		if (step == 0)
			return false;
	}
	return true;
}

void
json_put_string(const struct json_sink *sink, const void *text, size_t len)
{
	const uint8_t *at = text;
	size_t plain = 0;

	put(sink, "\"", 1);
	for (size_t i = 0, taken; i < len; i += taken) {
		uint32_t character = 0;

		taken = printable_character(at + i, len - i, &character);
		if (!is_escaped(character))
			continue;
		put(sink, at + plain, i - plain);
		put_escaped(sink, character);
		plain = i + taken;
	}
	put(sink, at + plain, len - plain);
	put(sink, "\"", 1);
}

/* Three bytes become four digits, the last padded. */
void
json_put_base64(const struct json_sink *sink, const void *bytes, size_t len)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *in = bytes;

	put(sink, "\"", 1);
	for (size_t i = 0; i < len; i += 3) {
		uint32_t group = (uint32_t)in[i] << 16;
		char quad[4];

		if (i + 1 < len)
			group |= (uint32_t)in[i + 1] << 8;
		if (i + 2 < len)
			group |= in[i + 2];
		quad[0] = digits[group >> 18];
		quad[1] = digits[group >> 12 & 63];
		quad[2] = i + 1 < len ? digits[group >> 6 & 63] : '=';
		quad[3] = i + 2 < len ? digits[group & 63] : '=';
		put(sink, quad, sizeof(quad));
	}
	put(sink, "\"", 1);
}
