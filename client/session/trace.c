#include "client/session/trace.h"

#include "base/base.h"
#include "client/terminal/say.h"
#include "schema/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Of the lines of one call. */
#define SHOWN_MAX (1024 * 1024)

const char *
trace_words(const struct rpc_err *error)
{
	static const char prefix[] = "RPC: ";
	const char *text;

	switch (error->re_status) {
	case RPC_CANTSEND:
	case RPC_CANTRECV:
		return strerror(error->re_errno);
	case RPC_TIMEDOUT:
		return error->re_errno != 0 ? strerror(error->re_errno)
					    : "no answer";
	default:
		text = clnt_sperrno(error->re_status);
		if (strncmp(text, prefix, strlen(prefix)) == 0)
			text += strlen(prefix);
		return text;
	}
}

const char *
trace_auth_name(enum auth_stat why)
{
	static const char *const names[] = {
		[AUTH_BADCRED] = "AUTH_BADCRED",
		[AUTH_REJECTEDCRED] = "AUTH_REJECTEDCRED",
		[AUTH_BADVERF] = "AUTH_BADVERF",
		[AUTH_REJECTEDVERF] = "AUTH_REJECTEDVERF",
		[AUTH_TOOWEAK] = "AUTH_TOOWEAK",
		[AUTH_INVALIDRESP] = "AUTH_INVALIDRESP",
		[AUTH_FAILED] = "AUTH_FAILED",
	};

	if ((size_t)why >= ARRAY_LEN(names) || names[why] == NULL)
		return "unknown reason";
	return names[why];
}

/* What the user says of a program comes before what is built in. */
static void
add_more(struct tracer *tracer)
{
	const struct schema **of = tracer->schemas.words.of;

	if (tracer->more == NULL)
		return;
	memmove(of + 1, of, (MESSAGE_SCHEMAS - 1) * sizeof(*of));
	of[0] = tracer->more;
}

/* Whether there is what bytes are shown by. */
static bool
tracer_ready(struct tracer *tracer)
{
	if (tracer == NULL)
		return false;
	if (!tracer->tried) {
		tracer->tried = true;
		tracer->colours = say_has_colours();
		tracer->made = built_in_init(&tracer->schemas) == 0;
		add_more(tracer);
	}
	return tracer->made;
}

void
tracer_deinit(struct tracer *tracer)
{
	built_in_deinit(&tracer->schemas);
	*tracer = (struct tracer){ .tried = false };
}

/* What is too long to be shown is cut. */
static void
add_message(struct tracer *tracer, struct buffer *out,
    const struct show_message *message, const struct message_target *of)
{
	if (message->bytes != NULL)
		show_message(
		    out, &tracer->schemas.words, message, of, tracer->colours);
}

/* Adds the bytes of a call and of its reply.  Returns the name of its status;
 * NULL: it has none. */
static const char *
add_bytes(struct tracer *tracer, struct buffer *out, const struct endpoint *at,
    const struct channel_call *how)
{
	const struct show_message sent = {
		.bytes = how->call_message,
		.len = how->call_bytes,
		.marks = at->type == SOCK_DGRAM ? 0 : RECORD_HEADER_SIZE,
	};
	const struct show_message came = {
		.bytes = how->reply_message,
		.len = how->reply_bytes,
		.marks = how->reply_marks,
	};
	struct message_target of;

	if (sent.bytes == NULL || !message_target_of(sent.bytes, sent.len, &of))
		return NULL;
	add_message(tracer, out, &sent, NULL);
	add_message(tracer, out, &came, &of);
	return came.bytes == NULL
	    ? NULL
	    : message_status(&tracer->schemas.words, came.bytes, came.len, &of);
}

void
trace_call(struct tracer *tracer, const char *name, const struct endpoint *at,
    const struct channel_call *how, const struct rpc_err *error)
{
	char where[ENDPOINT_TEXT_SIZE], reply[32] = "no result";
	char again[32] = "";
	uint64_t us = how->took_ns / 1000;
	const char *status = NULL;
	struct buffer bytes;

	buffer_init(&bytes, SHOWN_MAX);
	/* Of what cannot be sent no byte has left. */
	if (error->re_status != RPC_CANTSEND && tracer_ready(tracer))
		status = add_bytes(tracer, &bytes, at, how);
	if (status == NULL || error->re_status != RPC_SUCCESS)
		status = trace_words(error);
	if (error->re_status == RPC_SUCCESS)
		snprintf(
		    reply, sizeof(reply), "reply %zu bytes", how->reply_bytes);
	if (how->sends > 1)
		snprintf(again, sizeof(again), ", sent %u times", how->sends);
	say_trace(buffer_head(&bytes), buffer_len(&bytes),
	    "%s %s xid=0x%08" PRIx32 " call %zu bytes, %s, %" PRIu64
	    ".%03u ms, %s%s",
	    name, endpoint_text(at, where), how->xid, how->call_bytes, reply,
	    us / 1000, (unsigned int)(us % 1000), status, again);
	buffer_deinit(&bytes);
}
