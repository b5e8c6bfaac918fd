#include "test/interop/cases.h"
#include "test/interop/stream.h"

enum { PATIENT_MS = 25000 };

/* The server is told, and ends the stream. */
static void
ends_by_deadline(CLIENT *server)
{
	open_args args = { .method = METHOD_EACH, .unit = UNIT_BYTE };
	struct stream s;

	args.context.deadline_ms = 1;
	stream_open(&s, server, args);
	stream_send(&s, 27182);
	while (s.end == NULL)
		stream_exchange(&s, NULL, false);
	demand(s.end->why.code == STATUS_DEADLINE_EXCEEDED);
	stream_close(&s);
}

/* The server sleeps on a call for longer than its caller waits. */
static void
ends_by_timeout(CLIENT *server)
{
	struct stream s;

	stream_open_bytes(&s, server, METHOD_EACH);
	allow_ms(server, 1);
	demand(stream_call(&s) == RPC_TIMEDOUT);
	allow_ms(server, PATIENT_MS);
	/* Its late answer comes with this one, and is not taken for it. */
	stream_cancel(&s);
	stream_close(&s);
}

void
timeout_on_sleeping_server(void)
{
	CLIENT *server = connect_to_reverse();

	ends_by_deadline(server);
	call_large(server);
	ends_by_timeout(server);
	call_large(server);
	clnt_destroy(server);
}
