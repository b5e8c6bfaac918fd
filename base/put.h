/*
 * Text that is put into a buffer piece by piece.  The first failure is kept,
 * and nothing is added after it.
 */
#ifndef BASE_PUT_H
#define BASE_PUT_H

#include "base/base.h"
#include "base/buffer.h"

enum { PUT_FORMAT_MAX = 512 };

struct put {
	struct buffer *out; /* borrowed */
	int result;         /* 0, or what buffer_append() said */
};

void put_bytes(struct put *put, const void *bytes, size_t len);
void put_text(struct put *put, const char *text);

/* As printf(3) does, less than PUT_FORMAT_MAX bytes. */
void put_format(struct put *put, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
