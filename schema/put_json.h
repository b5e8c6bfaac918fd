/*
 * Pieces of JSON in a buffer.  For whoever makes several of them, the first
 * failure is kept, and nothing is added after it.
 */
#ifndef SCHEMA_PUT_JSON_H
#define SCHEMA_PUT_JSON_H

#include "base/base.h"
#include "base/buffer.h"

struct put_json {
	struct buffer *out; /* borrowed */
	int result;         /* 0, BUFFER_FULL or -ENOMEM */
};

/* As printf(3) does, of ASCII, and at most 200 bytes. */
void put_json(struct put_json *put, const char *format, ...) PRINTF_LIKE(2, 3);

/* A string, with its quotes; null where the text is no UTF-8. */
void put_json_text(struct put_json *put, const void *text, size_t len);

/* A string of hexadecimal digits. */
void put_json_hex(struct put_json *put, const uint8_t *bytes, size_t len);

#endif
