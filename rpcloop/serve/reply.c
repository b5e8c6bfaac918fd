/* The usual reply: its header, and one that its procedure writes to the output
 * of the connection. */
#include "rpcloop/serve/call.h"
#include "rpcloop/serve/xprt.h"
#include "rpcloop/wire/record.h"
#include "rpcloop/wire/word.h"

void
call_put_success(uint8_t at[CALL_SUCCESS_SIZE], uint32_t xid)
{
	word_put(at, xid);
	word_put(at + WORD_SIZE, REPLY);
	word_put(at + 2 * WORD_SIZE, MSG_ACCEPTED);
	word_put(at + 3 * WORD_SIZE, AUTH_NONE);
	word_put(at + 4 * WORD_SIZE, 0);
	word_put(at + 5 * WORD_SIZE, SUCCESS);
}

uint8_t *
xprt_reply_room(SVCXPRT *xprt, size_t len)
{
	const size_t before = RECORD_HEADER_SIZE + CALL_SUCCESS_SIZE;
	struct call *call = call_of(xprt);
	struct buffer *out;
	uint8_t *at;

	if (call->connection == NULL || call->answered || call->taken ||
	    call->connection->life == CONNECTION_DEAD)
		return NULL;
	out = connection_output(call->connection);
	if (buffer_reserve(out, before + len) != 0)
		return NULL;
	call->reply_at = buffer_len(out);
	at = buffer_extend(out, before + len);
	record_put_header(at, (uint32_t)(CALL_SUCCESS_SIZE + len));
	call_put_success(at + RECORD_HEADER_SIZE, call->xid);
	return at + before;
}

void
xprt_reply_settle(SVCXPRT *xprt, bool good)
{
	struct call *call = call_of(xprt);
	struct buffer *out = connection_output(call->connection);
	size_t body = call->reply_at + RECORD_HEADER_SIZE;

	call->answered = good;
	if (!good) {
		buffer_truncate(out, call->reply_at);
		return;
	}
	call_show(call, buffer_head(out) + body, buffer_len(out) - body, true);
	connection_replied(call->connection);
}
