#include "server/service/exchange.h"

#include "rpcloop/serve/xprt.h"
#include "rpcloop/wire/word.h"
#include "server/service/packed.h"
#include "stream/segment.h"

#include <string.h>

enum {
	WIDE_SIZE = 2 * WORD_SIZE,
	TOKEN_SIZE = sizeof(((exchange_args *)0)->stream),
	/* What comes before the messages of the arguments, and after. */
	BEFORE_SIZE = TOKEN_SIZE + WIDE_SIZE + WORD_SIZE,
	AFTER_SIZE = WORD_SIZE + WIDE_SIZE + 3 * WORD_SIZE,
	/* The same of a result without an end. */
	BEFORE_RESULT = WORD_SIZE + WIDE_SIZE + WORD_SIZE,
	AFTER_RESULT = WORD_SIZE + WIDE_SIZE + 2 * WORD_SIZE,
};

static uint64_t
get_wide(const uint8_t *at)
{
	return (uint64_t)word_get(at) << 32 | word_get(at + WORD_SIZE);
}

static void
put_wide(uint8_t *at, uint64_t number)
{
	word_put(at, (uint32_t)(number >> 32));
	word_put(at + WORD_SIZE, (uint32_t)number);
}

/* Messages one after the other.  Returns what follows them; NULL when they do
 * not end before the end. */
static const uint8_t *
take_messages(
    message *messages, u_int count, const uint8_t *at, const uint8_t *end)
{
	for (u_int i = 0; i < count; i++) {
		size_t left = (size_t)(end - at);
		uint32_t len;

		if (left < WORD_SIZE)
			return NULL;
		len = word_get(at);
		if (len > MESSAGE_MAX || message_cost(len) > left)
			return NULL;
		messages[i].message_len = len;
		messages[i].message_val = (char *)(uintptr_t)at + WORD_SIZE;
		at += message_cost(len);
	}
	return at;
}

static bool
take(SVCXPRT *xprt, exchange_args *args)
{
	size_t size;
	const uint8_t *at = xprt_arguments(xprt, &size), *end;
	segment *piece = &args->piece;
	u_int count;

	if (size < BEFORE_SIZE + AFTER_SIZE)
		return false;
	end = at + size - AFTER_SIZE;
	memcpy(args->stream, at, TOKEN_SIZE);
	piece->first = get_wide(at + TOKEN_SIZE);
	count = word_get(at + BEFORE_SIZE - WORD_SIZE);
	if (count > SEGMENT_MAX || count > size / WORD_SIZE)
		return false;
	piece->messages.messages_len = count;
	piece->messages.messages_val =
	    count > 0 ? xprt_room(xprt, count * sizeof(message)) : NULL;
	if (count > 0 && piece->messages.messages_val == NULL)
		return false;
	if (take_messages(piece->messages.messages_val, count, at + BEFORE_SIZE,
		end) != end)
		return false;
	piece->last = word_get(end) != 0;
	piece->next = get_wide(end + WORD_SIZE);
	piece->window = word_get(end + WORD_SIZE + WIDE_SIZE);
	args->wait_ms = word_get(end + 2 * WORD_SIZE + WIDE_SIZE);
	args->ahead = word_get(end + 3 * WORD_SIZE + WIDE_SIZE) != 0;
	return true;
}

bool
exchange_answer(struct svc_req *request)
{
	SVCXPRT *xprt = request->rq_xprt;
	exchange_result result;
	exchange_args args;

	if (xprt_is_datagram(xprt) || !take(xprt, &args))
		return false;
	if (reverse_exchange_1_svc(&args, &result, request)) {
		if (!svc_sendreply(
			xprt, (xdrproc_t)xdr_exchange_result, &result))
			svcerr_systemerr(xprt);
		xdr_free((xdrproc_t)xdr_exchange_result, (char *)&result);
	}
	return true;
}

bool
exchange_reply(SVCXPRT *xprt, const exchange_result *result)
{
	const answer *a = &result->exchange_result_u.answered;
	const segment *piece = &a->piece;
	size_t size;
	uint8_t *at;

	if (result->code != STATUS_OK || a->end != NULL)
		return false;
	size = packed_row_size(piece);
	at = xprt_reply_room(xprt, BEFORE_RESULT + size + AFTER_RESULT);
	if (at == NULL)
		return false;
	word_put(at, STATUS_OK);
	put_wide(at + WORD_SIZE, piece->first);
	word_put(at + WORD_SIZE + WIDE_SIZE, piece->messages.messages_len);
	at += BEFORE_RESULT;
	if (size > 0)
		memcpy(at, packed_row(piece), size);
	at += size;
	word_put(at, piece->last != FALSE);
	put_wide(at + WORD_SIZE, piece->next);
	word_put(at + WORD_SIZE + WIDE_SIZE, piece->window);
	word_put(at + 2 * WORD_SIZE + WIDE_SIZE, 0);
	xprt_reply_settle(xprt, true);
	return true;
}
