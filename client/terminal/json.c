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
