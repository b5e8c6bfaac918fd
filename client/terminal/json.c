/*
 * json: written as it comes; nothing is kept but how many members there were.
 */
#include "client/terminal/json.h"

#include "base/printable.h"
#include "text/text.h"

#include <inttypes.h>
#include <string.h>

/* The names are ours and need no escapes. */
static void
begin_member(struct json *json, const char *name, const char *suffix)
{
	output_text(json->output, "%s\"%s%s\":", json->members == 0 ? "{" : ",",
	    name, suffix);
	json->members++;
}

/* What RFC 8259, section 7, wants escaped, and what would move a terminal. */
static void
write_escaped(struct output *output, uint32_t character)
{
	if (character == '\n')
		output_bytes(output, "\\n", 2);
	else if (printable_is_wild(character))
		output_text(output, "\\u%04x", (unsigned int)character);
	else
		output_text(output, "\\%c", (int)character);
}

static bool
is_escaped(uint32_t character)
{
	return character == '"' || character == '\\' ||
	    printable_is_wild(character);
}

/* The text is well-formed. */
static void
write_string(struct output *output, const unsigned char *text, size_t len)
{
	size_t plain = 0;

	output_bytes(output, "\"", 1);
	for (size_t i = 0, taken; i < len; i += taken) {
		uint32_t character = 0;

		taken = printable_character(text + i, len - i, &character);
		if (!is_escaped(character))
			continue;
		output_bytes(output, text + plain, i - plain);
		write_escaped(output, character);
		plain = i + taken;
	}
	output_bytes(output, text + plain, len - plain);
	output_bytes(output, "\"", 1);
}

/* RFC 4648, section 4: three bytes become four digits, the last padded. */
static void
write_base64(struct output *output, const unsigned char *bytes, size_t len)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	output_bytes(output, "\"", 1);
	for (size_t i = 0; i < len; i += 3) {
		uint32_t group = (uint32_t)bytes[i] << 16;
		char quad[4];

		if (i + 1 < len)
			group |= (uint32_t)bytes[i + 1] << 8;
		if (i + 2 < len)
			group |= bytes[i + 2];
		quad[0] = digits[group >> 18];
		quad[1] = digits[group >> 12 & 63];
		quad[2] = i + 1 < len ? digits[group >> 6 & 63] : '=';
		quad[3] = i + 2 < len ? digits[group & 63] : '=';
		output_bytes(output, quad, sizeof(quad));
	}
	output_bytes(output, "\"", 1);
}

void
json_number(struct json *json, const char *name, uint64_t number)
{
	begin_member(json, name, "");
	output_text(json->output, "%" PRIu64, number);
}

void
json_text(struct json *json, const char *name, const char *text)
{
	json_bytes(json, name, text, strlen(text));
}

void
json_bytes(struct json *json, const char *name, const void *bytes, size_t len)
{
	if (text_validate(bytes, len, NULL) == 0) {
		begin_member(json, name, "");
		write_string(json->output, bytes, len);
	} else {
		begin_member(json, name, "_base64");
		write_base64(json->output, bytes, len);
	}
}

void
json_end(struct json *json)
{
	output_text(json->output, "%s}\n", json->members == 0 ? "{" : "");
	json->members = 0;
}
