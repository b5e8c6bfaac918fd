/* What is shown of a call. */
#include "rpcloop/serve/call.h"

void
call_show_message(
    const struct call *call, const uint8_t *bytes, size_t len, bool is_reply)
{
	struct seen_message seen = {
		.peer = call_from(call),
		.bytes = bytes,
		.len = len,
		.is_reply = is_reply,
		.xid = call->xid,
		.program = call->program,
		.version = call->version,
		.procedure = call->procedure,
	};

	if (call->connection != NULL)
		seen.marks =
		    is_reply ? RECORD_HEADER_SIZE : call->connection->marks;
	call->calls->seen(call->calls->seen_context, &seen);
}
