#include "test/interop/cases.h"
#include "test/interop/stream.h"

#include <stdlib.h>
#include <string.h>

static const u_int sizes[] = { 31415, 9, 2653, 58979 };

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]), SUM = 93056 };

/* A line of each size, with its end, the last size first, since SPELL begins
 * with the last line; each is of one letter. */
static message
lines(void)
{
	message text = { .message_len = SUM, .message_val = malloc(SUM) };
	char *at = text.message_val;

	demand(at != NULL);
	for (int i = SIZES - 1; i >= 0; i--) {
		memset(at, 'a' + i, sizes[i]);
		at += sizes[i];
		at[-1] = '\n';
	}
	return text;
}

static bool
is_line(const message *text, int i)
{
	u_int last = sizes[i] - 1;

	return text->message_len == sizes[i] &&
	    text->message_val[0] == 'a' + i &&
	    text->message_val[last - 1] == 'a' + i &&
	    text->message_val[last] == '\n';
}

void
server_streaming(void)
{
	CLIENT *server = connect_to_reverse();
	open_args args = { .method = METHOD_SPELL, .unit = UNIT_LINE };
	message text = lines();
	struct stream s;

	stream_open(&s, server, args);
	stream_exchange(&s, &text, true);
	stream_finish(&s);
	demand(s.end->why.code == STATUS_OK);
	demand(s.count == SIZES);
	for (int i = 0; i < SIZES; i++)
		demand(is_line(&s.heard[i], i));
	stream_close(&s);
	free(text.message_val);
	clnt_destroy(server);
}
