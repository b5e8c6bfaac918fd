#include "stream/metadata.h"

#include <stdlib.h>
#include <string.h>

bool
metadata_copy(u_int *len, char **val, const void *bytes, size_t size)
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

static bool
is_echoed(const metadatum *m)
{
	static const char prefix[] = "echo-";
	const size_t size = sizeof(prefix) - 1;

	return m->key.key_len >= size &&
	    memcmp(m->key.key_val, prefix, size) == 0;
}

bool
metadata_echo(const call_context *context, u_int *len, metadatum **val)
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
		if (!metadata_copy(&to->key.key_len, &to->key.key_val,
			from[i].key.key_val, from[i].key.key_len) ||
		    !metadata_copy(&to->value.value_len, &to->value.value_val,
			from[i].value.value_val, from[i].value.value_len))
			return false;
	}
	return true;
}

size_t
metadata_size(const metadatum *val, u_int len)
{
	size_t size = 0;

	for (u_int i = 0; i < len; i++)
		size +=
		    sizeof(*val) + val[i].key.key_len + val[i].value.value_len;
	return size;
}

void
metadata_free(u_int *len, metadatum **val)
{
	for (u_int i = 0; i < *len; i++) {
		free((*val)[i].key.key_val);
		free((*val)[i].value.value_val);
	}
	free(*val);
	*val = NULL;
	*len = 0;
}
