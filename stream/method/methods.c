#include "stream/method/methods.h"

#include "base/base.h"

static const struct method *const methods[] = {
	[METHOD_COLLECT] = &collect_method,
	[METHOD_SPELL] = &spell_method,
	[METHOD_EACH] = &each_method,
	[METHOD_WHOLE] = &whole_method,
};

const struct method *
method_find(stream_method number)
{
	size_t at = (size_t)number;

	return at < ARRAY_LEN(methods) ? methods[at] : NULL;
}
