/*
 * Strings as JSON has them (RFC 8259, section 7), in quotes, for whoever writes
 * JSON: in pieces, to a function of his.
 */
#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct json_sink {
	void (*put)(void *context, const void *bytes, size_t len);
	void *context; /* borrowed */
};

/* Whether bytes are UTF-8, of which a string can be made. */
bool json_is_text(const void *bytes, size_t len);

/* The string of a text: what would move a terminal is escaped as well. */
void json_put_string(
    const struct json_sink *sink, const void *text, size_t len);

/* The string of bytes that are none, in base64 (RFC 4648, section 4). */
void json_put_base64(
    const struct json_sink *sink, const void *bytes, size_t len);

#endif
