#include "test/interop/cases.h"
#include "test/interop/stream.h"

void
cancel_after_begin(void)
{
	CLIENT *server = connect_to_reverse();
	struct stream s;

	stream_open_bytes(&s, server, METHOD_COLLECT);
	stream_cancel(&s);
	stream_exchange(&s, NULL, false);
	demand(s.end != NULL && s.end->why.code == STATUS_CANCELLED);
	demand(s.end->messages_in == 0 && s.count == 0);

	/* It has ended, so this has the server forget it. */
	stream_cancel(&s);
	demand(stream_refused(&s) == STATUS_NOT_FOUND);
	stream_close(&s);
	clnt_destroy(server);
}
