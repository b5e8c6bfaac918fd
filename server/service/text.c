#include "server/service/text.h"

#include "base/clock.h"
#include "rpcloop/wire/checked.h"
#include "rpcloop/wire/quick.h"
#include "server/service/result.h"
#include "server/service/service.h"
#include "stream/metadata.h"
#include "text/text.h"

#include <errno.h>
#include <stdlib.h>

_Static_assert((int)UNIT_GRAPHEME == (int)TEXT_BY_GRAPHEME &&
	(int)UNIT_CODEPOINT == (int)TEXT_BY_CODEPOINT &&
	(int)UNIT_BYTE == (int)TEXT_BY_BYTE &&
	(int)UNIT_WORD == (int)TEXT_BY_WORD &&
	(int)UNIT_LINE == (int)TEXT_BY_LINE,
    "the units of the wire are those of text/");

/* A reverse_result of STATUS_OK that is made while it is encoded. */
struct text_reply {
	const reverse_args *args;
	u_int metadata_len;
	metadatum *metadata_val;
	int error; /* of the text, as text_reverse() has it; or -ENOMEM */
	size_t bad_at;
};

static bool
deadline_passed(const struct svc_req *request, const call_context *context)
{
	return context->deadline_ms != 0 &&
	    clock_now_ms() - xprt_arrived_ms(request->rq_xprt) >=
	    context->deadline_ms;
}

static bool
reverse_into(struct text_reply *reply, uint8_t *room)
{
	const message *text = &reply->args->text;

	reply->error = text_reverse(room, (const uint8_t *)text->message_val,
	    text->message_len, (enum text_by)reply->args->unit, &reply->bad_at);
	return reply->error == 0;
}

/* For a stream that gives no room of its own. */
static bool_t
put_copy(XDR *xdrs, struct text_reply *reply)
{
	u_int len = reply->args->text.message_len;
	uint8_t *copy = malloc(len > 0 ? len : 1);
	bool_t good;

	if (copy == NULL) {
		reply->error = -ENOMEM;
		return FALSE;
	}
	good = reverse_into(reply, copy) &&
	    xdr_quick_opaque(xdrs, (char *)copy, len);
	free(copy);
	return good;
}

static bool_t
put_text(XDR *xdrs, struct text_reply *reply)
{
	u_int len = reply->args->text.message_len;
	u_int words = (len + 3) / BYTES_PER_XDR_UNIT;
	int32_t *room;

	if (!xdr_quick_u_int(xdrs, &len))
		return FALSE;
	room = words > 0 ? XDR_INLINE(xdrs, words * BYTES_PER_XDR_UNIT) : NULL;
	if (room == NULL)
		return put_copy(xdrs, reply);
	/* The padding. */
	room[words - 1] = 0;
	return reverse_into(reply, (uint8_t *)room);
}

static bool_t
put_reply(XDR *xdrs, struct text_reply *reply)
{
	status_code code = STATUS_OK;

	return xdr_status_code(xdrs, &code) && put_text(xdrs, reply) &&
	    xdr_checked_array(xdrs, (char **)&reply->metadata_val,
		&reply->metadata_len, METADATA_MAX, sizeof(metadatum),
		(xdrproc_t)xdr_metadatum);
}

/* Turns what text_reverse() returned into a failure. */
static void
explain(failure *why, const struct text_reply *reply)
{
	if (reply->error == TEXT_ILL_FORMED) {
		result_fail(why, STATUS_INVALID_ARGUMENT,
		    "not UTF-8 from byte %zu on; the units byte and line "
		    "take any bytes",
		    reply->bad_at);
		why->at_byte = reply->bad_at;
	} else {
		result_fail(why, STATUS_INVALID_ARGUMENT,
		    "unit %d is unknown; known are 0 to %d",
		    (int)reply->args->unit, (int)UNIT_LINE);
	}
}

/* Returns whether the procedure has a failure for a result. */
static bool
refuses(
    const reverse_args *args, reverse_result *result, struct svc_req *request)
{
	failure *why = &result->reverse_result_u.why;

	if (deadline_passed(request, &args->context)) {
		result->code = STATUS_DEADLINE_EXCEEDED;
		result_fail(why, result->code,
		    "the deadline of %u ms passed before the call was begun",
		    args->context.deadline_ms);
	} else if (service_refuses(request, &args->text, 1, why)) {
		result->code = STATUS_OUT_OF_RANGE;
	}
	return result->code != STATUS_OK;
}

bool_t
reverse_text_1_svc(
    reverse_args *args, reverse_result *result, struct svc_req *request)
{
	struct text_reply reply = { .args = args };
	bool sent;

	*result = (reverse_result){ .code = STATUS_OK };
	service_log_trace(request, &args->context, "TEXT");
	if (refuses(args, result, request))
		return service_failed(request);
	sent = metadata_echo(
		   &args->context, &reply.metadata_len, &reply.metadata_val) &&
	    svc_sendreply(request->rq_xprt, (xdrproc_t)put_reply, &reply);
	metadata_free(&reply.metadata_len, &reply.metadata_val);
	if (sent)
		return FALSE;
	if (reply.error == 0 || reply.error == -ENOMEM)
		return service_out_of_memory(request);
	result->code = STATUS_INVALID_ARGUMENT;
	explain(&result->reverse_result_u.why, &reply);
	return service_failed(request);
}

/* Words of the arguments before the text, and of the result; what follows the
 * text of a result is one more, that there is no metadata. */
enum {
	BEFORE_ARGUMENT = 4 * WORD_SIZE,
	BEFORE_RESULT = 2 * WORD_SIZE,
	AFTER_RESULT = WORD_SIZE,
};

/* The text of the arguments; NULL: they are others. */
static const uint8_t *
plain_text(const SVCXPRT *xprt, uint32_t *unit, uint32_t *len)
{
	size_t size;
	const uint8_t *at = xprt_arguments(xprt, &size);

	/* The deadline, and how much metadata there is. */
	if (size < BEFORE_ARGUMENT || word_get(at) != 0 ||
	    word_get(at + WORD_SIZE) != 0)
		return NULL;
	*unit = word_get(at + 2 * WORD_SIZE);
	*len = word_get(at + 3 * WORD_SIZE);
	if (*len > MESSAGE_MAX || BEFORE_ARGUMENT + word_padded(*len) != size)
		return NULL;
	return at + BEFORE_ARGUMENT;
}

bool
text_answer(const struct svc_req *request)
{
	SVCXPRT *xprt = request->rq_xprt;
	uint32_t unit, len;
	const uint8_t *text = plain_text(xprt, &unit, &len);
	size_t size;
	uint8_t *room;
	bool good;

	if (text == NULL)
		return false;
	size = BEFORE_RESULT + word_padded(len);
	room = xprt_reply_room(xprt, size + AFTER_RESULT);
	if (room == NULL)
		return false;
	word_put(room, STATUS_OK);
	/* The padding, which the length may follow: a text may be empty. */
	word_put(room + size - WORD_SIZE, 0);
	word_put(room + WORD_SIZE, len);
	word_put(room + size, 0);
	good = text_reverse(room + BEFORE_RESULT, text, len, (enum text_by)unit,
		   NULL) == 0;
	xprt_reply_settle(xprt, good);
	return good;
}
