#include "test/interop/cases.h"
#include "test/interop/stream.h"

/* Of the requests and of the responses. */
static const u_int sizes[] = { 27182, 31415, 8, 9, 1828, 2653, 45904, 58979 };

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

void
ping_pong(void)
{
	CLIENT *server = connect_to_reverse();
	struct stream s;

	stream_open_bytes(&s, server, METHOD_EACH);
	for (u_int i = 0; i < SIZES; i++) {
		stream_send(&s, sizes[i]);
		stream_hear(&s, i + 1);
		demand(is_reversed(&s.heard[i], sizes[i]));
		demand(s.end == NULL);
	}
	stream_finish(&s);
	demand(s.end->why.code == STATUS_OK);
	demand(s.count == SIZES);
	stream_close(&s);
	clnt_destroy(server);
}
