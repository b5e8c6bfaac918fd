#include "stream/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
result_copy(u_int *len, char **val, const void *bytes, size_t size)
{
	*len = 0;
	*val = NULL;
	if (size == 0)
		return true;
	*val = malloc(size);
	if (*val == NULL)
		return false;
	memcpy(*val, bytes, size);
	*len = (u_int)size;
	return true;
}

bool
result_text(u_int *len, char **val, const char *text)
{
	return result_copy(len, val, text, strlen(text));
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

static bool
is_echoed(const metadatum *m)
{
	static const char prefix[] = "echo-";
	const size_t size = sizeof(prefix) - 1;

	return m->key.key_len >= size &&
	    memcmp(m->key.key_val, prefix, size) == 0;
}

bool
result_echo(const call_context *context, u_int *len, metadatum **val)
{
	const metadatum *from = context->metadata.metadata_val;
	u_int count = context->metadata.metadata_len;
	u_int echoed = 0;
	metadatum *to;

	for (u_int i = 0; i < count; i++)
		echoed += is_echoed(&from[i]);
	if (echoed == 0)
		return true;
	*val = calloc(echoed, sizeof(**val));
	if (*val == NULL)
		return false;
	for (u_int i = 0; i < count; i++) {
		if (!is_echoed(&from[i]))
			continue;
		to = &(*val)[(*len)++];
		if (!result_copy(&to->key.key_len, &to->key.key_val,
			from[i].key.key_val, from[i].key.key_len) ||
		    !result_copy(&to->value.value_len, &to->value.value_val,
			from[i].value.value_val, from[i].value.value_len))
			return false;
	}
	return true;
}
