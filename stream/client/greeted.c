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

/* How much of the text of a release names its line. */
static size_t
line_len(const char *release, size_t len)
{
	unsigned int dots = 0;

	for (size_t i = 0; i < len; i++)
		if (release[i] == '.' && ++dots == 2)
			return i;
	return len;
}

void
greeted_keep(struct greeted *g, const greeting *hello)
{
	const char *release = hello->release.release_val;

	g->server_len = keep(g->server, sizeof(g->server),
	    hello->server.server_val, hello->server.server_len);
	g->line_len = keep(g->line, sizeof(g->line), release,
	    line_len(release, hello->release.release_len));
	g->unicode_len = keep(g->unicode, sizeof(g->unicode),
	    hello->unicode.unicode_val, hello->unicode.unicode_len);
	g->window = hello->window;
}

bool
greeted_agrees(const struct greeted *g, const greeting *hello)
{
	const char *release = hello->release.release_val;

	return same(hello->server.server_val, hello->server.server_len,
		   g->server, g->server_len) &&
	    same(release, line_len(release, hello->release.release_len),
		g->line, g->line_len) &&
	    same(hello->unicode.unicode_val, hello->unicode.unicode_len,
		g->unicode, g->unicode_len);
}
