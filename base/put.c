#include "base/put.h"

#include <stdarg.h>
#include <stdio.h>

void
put_bytes(struct put *put, const void *bytes, size_t len)
{
	if (put->result == 0)
		put->result = buffer_append(put->out, bytes, len);
}

void
put_text(struct put *put, const char *text)
{
	put_bytes(put, text, strlen(text));
}

void
put_format(struct put *put, const char *format, ...)
{
	char text[PUT_FORMAT_MAX];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	assert(len >= 0 && (size_t)len < sizeof(text));
	put_bytes(put, text, (size_t)len);
}
