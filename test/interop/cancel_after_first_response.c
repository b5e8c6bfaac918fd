#include "test/interop/cases.h"
#include "test/interop/stream.h"

void
cancel_after_first_response(void)
{
	CLIENT *server = connect_to_reverse();
	struct stream s;

	stream_open_bytes(&s, server, METHOD_EACH);
	stream_send(&s, 27182);
	stream_hear(&s, 1);
	demand(is_reversed(&s.heard[0], 27182));
	stream_cancel(&s);
	stream_exchange(&s, NULL, false);
	demand(s.end != NULL && s.end->why.code == STATUS_CANCELLED);
	demand(s.end->messages_in == 1 && s.count == 1);
	stream_close(&s);
	clnt_destroy(server);
}
