#include "test/interop/cases.h"
#include "test/interop/stream.h"

static const u_int sizes[] = { 27182, 8, 1828, 45904 };

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]), SUM = 74922 };

/* The messages from the last to the first, each of them reversed. */
static bool
is_all_reversed(const message *text)
{
	char *at = text->message_val;

	for (int i = SIZES - 1; i >= 0; i--) {
		message part = { sizes[i], at };

		if (!is_reversed(&part, sizes[i]))
			return false;
		at += sizes[i];
	}
	return true;
}

void
client_streaming(void)
{
	CLIENT *server = connect_to_reverse();
	struct stream s;

	stream_open_bytes(&s, server, METHOD_COLLECT);
	for (int i = 0; i < SIZES; i++)
		stream_send(&s, sizes[i]);
	demand(s.count == 0);
	stream_finish(&s);
	demand(s.end->why.code == STATUS_OK);
	demand(s.end->messages_in == SIZES && s.end->bytes_in == SUM);
	demand(s.count == 1 && s.heard[0].message_len == SUM);
	demand(is_all_reversed(&s.heard[0]));
	stream_close(&s);
	clnt_destroy(server);
}
