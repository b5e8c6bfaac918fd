#include "stream/client/greeted.h"

#include "base/base.h"

#include <string.h>

/* Copies at most size bytes; returns how many. */
static size_t
keep(char *to, size_t size, const char *from, size_t len)
{
	len = MIN_OF(len, size);
	if (len > 0)
		memcpy(to, from, len);
	return len;
}

static bool
same(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

void
greeted_keep(struct greeted *g, const greeting *hello)
{
	g->release_len = keep(g->release, sizeof(g->release),
	    hello->release.release_val, hello->release.release_len);
	g->unicode_len = keep(g->unicode, sizeof(g->unicode),
	    hello->unicode.unicode_val, hello->unicode.unicode_len);
}

bool
greeted_agrees(const struct greeted *g, const greeting *hello)
{
	return same(hello->release.release_val, hello->release.release_len,
		   g->release, g->release_len) &&
	    same(hello->unicode.unicode_val, hello->unicode.unicode_len,
		g->unicode, g->unicode_len);
}
