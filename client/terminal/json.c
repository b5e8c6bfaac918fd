/*
 * json: written as it comes; nothing is kept but how many members there were.
 */
#include "client/terminal/json.h"

#include "base/json_text.h"
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

static void
put(void *output, const void *bytes, size_t len)
{
	output_bytes(output, bytes, len);
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
	const struct json_sink sink = { put, json->output };

	if (text_validate(bytes, len, NULL) == 0) {
		begin_member(json, name, "");
		json_put_string(&sink, bytes, len);
	} else {
		begin_member(json, name, "_base64");
		json_put_base64(&sink, bytes, len);
	}
}

/* How many of the last bytes may begin a character that goes on. */
static size_t
open_len(const uint8_t *bytes, size_t len)
{
	for (size_t n = 1; n < 4 && n <= len; n++) {
		uint8_t byte = bytes[len - n];
		size_t whole = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;

		if (byte >= 0xc0)
			return n < whole ? n : 0;
	}
	return 0;
}

void
json_piece(struct json *json, const char *name, struct buffer *held,
    const void *bytes, size_t len)
{
	size_t open;

	if (buffer_append(held, bytes, len) != 0) {
		output_fail(json->output, ENOMEM);
		return;
	}
	len = buffer_len(held);
	if (len > 0)
		bytes = buffer_head(held);
	open = open_len(bytes, len);
	if (text_validate(bytes, len - open, NULL) != 0)
		open = 0;
	json_bytes(json, name, bytes, len - open);
	buffer_consume(held, len - open);
}

void
json_open(struct json *json, const char *name)
{
	begin_member(json, name, "");
	json->members = 0;
}

void
json_close(struct json *json)
{
	output_text(json->output, "%s}", json->members == 0 ? "{" : "");
	/* The object around it has one now, at least. */
	json->members = 1;
}

void
json_end(struct json *json)
{
	json_close(json);
	output_text(json->output, "\n");
	json->members = 0;
}
