#include "server/service/result.h"

#include "stream/metadata.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
result_text(u_int *len, char **val, const char *text)
{
	return metadata_copy(len, val, text, strlen(text));
}

void
result_fail(failure *why, status_code code, const char *format, ...)
{
	char detail[DETAIL_MAX + 1];
	va_list args;

	*why = (failure){ .code = code };
	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	/* Without memory the code has to speak for itself. */
	result_text(&why->detail.detail_len, &why->detail.detail_val, detail);
}
