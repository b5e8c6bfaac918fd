#include "test/interop/cases.h"
#include "test/interop/stream.h"

void
empty_stream(void)
{
	CLIENT *server = connect_to_reverse();
	struct stream s;

	stream_open_bytes(&s, server, METHOD_EACH);
	stream_finish(&s);
	demand(s.end->why.code == STATUS_OK);
	demand(s.end->messages_in == 0 && s.count == 0);
	stream_close(&s);
	clnt_destroy(server);
}
