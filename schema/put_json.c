#include "schema/put_json.h"

#include "base/json_text.h"

#include <stdarg.h>
#include <stdio.h>

static void
put(void *context, const void *bytes, size_t len)
{
	struct put_json *it = context;

	if (it->result == 0)
		it->result = buffer_append(it->out, bytes, len);
}

void
put_json(struct put_json *it, const char *format, ...)
{
	char text[201];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	assert(len >= 0 && (size_t)len < sizeof(text));
	put(it, text, (size_t)len);
}

void
put_json_text(struct put_json *it, const void *text, size_t len)
{
	const struct json_sink sink = { put, it };

	if (json_is_text(text, len))
		json_put_string(&sink, text, len);
	else
		put(it, "null", 4);
}

void
put_json_hex(struct put_json *it, const uint8_t *bytes, size_t len)
{
	put(it, "\"", 1);
	for (size_t i = 0; i < len; i++)
		put_json(it, "%02x", bytes[i]);
	put(it, "\"", 1);
}
