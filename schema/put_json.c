#include "schema/put_json.h"

#include "base/json_text.h"

static void
put(void *context, const void *bytes, size_t len)
{
	put_bytes(context, bytes, len);
}

void
put_json_text(struct put *it, const void *text, size_t len)
{
	const struct json_sink sink = { put, it };

	if (json_is_text(text, len))
		json_put_string(&sink, text, len);
	else
		put_text(it, "null");
}

void
put_json_hex(struct put *it, const uint8_t *bytes, size_t len)
{
	put_text(it, "\"");
	for (size_t i = 0; i < len; i++)
		put_format(it, "%02x", bytes[i]);
	put_text(it, "\"");
}
