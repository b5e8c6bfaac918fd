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

/* A call, and what is known of its bytes. */
struct traced {
	const char *name;
	const struct endpoint *at;
	const struct channel_call *how;
	const struct rpc_err *error;
	/* Without bytes: there is none, or none that anybody knows to read. */
	struct show_message sent, came;
	struct message_target of;
	const char *status;
};

static bool
succeeded(const struct traced *call)
{
	return call->error->re_status == RPC_SUCCESS;
}

/* Finds the bytes of a call and of its reply, and what the latter says. */
static void
look_into(struct tracer *tracer, struct traced *call)
{
	const struct channel_call *how = call->how;

	/* Of what cannot be sent no byte has left. */
	if (how->call_message == NULL ||
	    call->error->re_status == RPC_CANTSEND || !tracer_ready(tracer) ||
	    !message_target_of(how->call_message, how->call_bytes, &call->of))
		return;
	call->sent = (struct show_message){
		.bytes = how->call_message,
		.len = how->call_bytes,
		.marks = call->at->type == SOCK_DGRAM ? 0 : RECORD_HEADER_SIZE,
	};
	if (how->reply_message == NULL)
		return;
	call->came = (struct show_message){
		.bytes = how->reply_message,
		.len = how->reply_bytes,
		.marks = how->reply_marks,
	};
	if (succeeded(call))
		call->status = message_status(&tracer->schemas.words,
		    call->came.bytes, call->came.len, &call->of);
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

static void
say_call(struct tracer *tracer, const struct traced *call, const char *where)
{
	const struct channel_call *how = call->how;
	uint64_t us = how->took_ns / 1000;
	char reply[32] = "no result", again[32] = "";
	struct buffer bytes;

	buffer_init(&bytes, SHOWN_MAX);
	add_message(tracer, &bytes, &call->sent, NULL);
	add_message(tracer, &bytes, &call->came, &call->of);
	if (succeeded(call))
		snprintf(
		    reply, sizeof(reply), "reply %zu bytes", how->reply_bytes);
	if (how->sends > 1)
		snprintf(again, sizeof(again), ", sent %u times", how->sends);
	say_trace(buffer_head(&bytes), buffer_len(&bytes),
	    "%s %s xid=0x%08" PRIx32 " call %zu bytes, %s, %" PRIu64
	    ".%03u ms, %s%s",
	    call->name, where, how->xid, how->call_bytes, reply, us / 1000,
	    (unsigned int)(us % 1000), call->status, again);
	buffer_deinit(&bytes);
}

/* Whether it asks an rpcbind; also one of which no byte has left. */
static bool
is_to_rpcbind(const struct channel_call *how)
{
	struct message_target of;

	return how->call_message != NULL &&
	    message_target_of(how->call_message, how->call_bytes, &of) &&
	    of.program == RPCBPROG;
}

static void
note_call(struct tracer *tracer, const struct traced *call, const char *where)
{
	const struct channel_call *how = call->how;
	bool is_datagram = call->at->type == SOCK_DGRAM;
	unsigned int sends =
	    call->error->re_status == RPC_CANTSEND ? 0 : how->sends;
	const struct page_call note = {
		.name = call->name,
		.peer = where,
		.to_rpcbind = is_to_rpcbind(how),
		.xid = how->xid,
		.sends = sends,
		.sent_ns = is_datagram ? how->sent_ns : &how->began_ns,
		.sent_count = MIN_OF(
		    sends, is_datagram ? (unsigned int)CHANNEL_SENT_MAX : 1),
		.began_ns = how->began_ns,
		.took_ns = how->took_ns,
		.status = call->status,
		.failed = !succeeded(call),
		.words = &tracer->schemas.words,
		.call = call->sent,
		.reply = call->came,
		.of = &call->of,
	};

	if (tracer_ready(tracer))
		page_note(tracer->page, &note);
}

void
trace_call(struct tracer *tracer, const char *name, const struct endpoint *at,
    const struct channel_call *how, const struct rpc_err *error)
{
	char where[ENDPOINT_TEXT_SIZE];
	struct traced call = {
		.name = name,
		.at = at,
		.how = how,
		.error = error,
	};

	endpoint_text(at, where);
	look_into(tracer, &call);
	if (call.status == NULL)
		call.status = trace_words(error);
	if (tracer != NULL && tracer->page != NULL)
		note_call(tracer, &call, where);
	if (tracer == NULL || !tracer->silent)
		say_call(tracer, &call, where);
}
