/*
 * session: one call after the other over one link.
 *
 * For a single call the watch is armed from before the server is looked for
 * until the call is explained, so a deadline covers all of it.  A link whose
 * call failed is closed; the next call makes a new one.
 */
#include "client/session/session.h"

#include "base/base.h"
#include "base/clock.h"
#include "client/session/explain.h"
#include "client/session/locate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Milliseconds for the last call. */
#define FAREWELL_MS 2000

int
session_start(struct session *session, const struct settings *settings,
    struct output *output)
{
	int r;

	memset(session, 0, sizeof(*session));
	session->settings = settings;
	session->output = output;
	session->until = settings->deadline_ms > 0
	    ? clock_now_ms() + settings->deadline_ms
	    : UINT64_MAX;
	r = watch_start(&session->watch);
	if (r == 0)
		return EXIT_DONE;
	say_error("cannot start: %s", strerror(-r));
	return EXIT_FAILED;
}

void
session_end(struct session *session)
{
	link_close(&session->link);
	watch_stop(&session->watch);
}

void
session_trace(const struct session *session, const struct link *link,
    const struct procedure *procedure, const struct link_call *how)
{
	char peer[ENDPOINT_TEXT_SIZE], reply[32] = "no result";

	if (!session->settings->trace)
		return;
	if (how->status == RPC_SUCCESS)
		snprintf(
		    reply, sizeof(reply), "reply %zu bytes", how->reply_bytes);
	say_trace("%s %s xid=0x%08" PRIx32 " call %zu bytes, %s, %" PRIu64
		  ".%03u ms",
	    procedure->name, endpoint_text(&link->peer, peer), how->xid,
	    how->call_bytes, reply, how->microseconds / 1000,
	    (unsigned int)(how->microseconds % 1000));
}

/* What is left of the deadline goes along; without one nothing does. */
static void
set_deadline(
    struct session *session, const struct procedure *procedure, void *args)
{
	call_context *context;
	uint64_t left;

	if (procedure->context == PROCEDURE_NO_CONTEXT ||
	    session->settings->deadline_ms == 0)
		return;
	context = (void *)((char *)args + procedure->context);
	left = watch_left(&session->watch);
	context->deadline_ms = left > 0 ? (u_int)left : 1;
}

int
session_try(struct session *session, const struct procedure *procedure,
    void *args, void *result)
{
	if (session->link.handle == NULL && !locate_server(session))
		return SESSION_UNREACHABLE;
	set_deadline(session, procedure, args);
	link_call(&session->link, &session->watch, WATCH_FOREVER, procedure,
	    args, result, &session->last);
	session_trace(session, &session->link, procedure, &session->last);
	/* The watch may have shut the socket down after the reply came. */
	if (session->last.status != RPC_SUCCESS ||
	    watch_happened(&session->watch) != WATCH_NOTHING)
		link_close(&session->link);
	return session->last.status == RPC_SUCCESS ? 0 : SESSION_UNANSWERED;
}

int
session_explain(
    struct session *session, const struct procedure *procedure, int failure)
{
	return failure == SESSION_UNREACHABLE
	    ? explain_unreachable(session)
	    : explain_call(session, procedure, NULL);
}

int
session_call(struct session *session, const struct procedure *procedure,
    void *args, void *result)
{
	uint64_t patience = session->settings->deadline_ms > 0
	    ? session->settings->deadline_ms
	    : SESSION_PATIENCE_MS;
	int r;

	watch_arm(&session->watch, patience);
	r = session_try(session, procedure, args, result);
	if (r != 0) {
		r = session_explain(session, procedure, r);
	} else {
		r = explain_call(session, procedure, result);
		if (r != EXIT_DONE)
			procedure_free(procedure, result);
	}
	watch_arm(&session->watch, WATCH_FOREVER);
	return r;
}

bool
session_is_datagram(const struct session *session)
{
	return session->settings->transport == TRANSPORT_UDP ||
	    session->settings->transport == TRANSPORT_UDP6;
}

int
session_message_max(struct session *session, uint32_t *max)
{
	call_context args = { 0 };
	greet_result result;
	int r;

	*max = MESSAGE_MAX;
	if (!session_is_datagram(session))
		return EXIT_DONE;
	r = session_call(session, &procedure_greet, &args, &result);
	if (r != EXIT_DONE)
		return r;
	*max = MIN_OF(*max, result.greet_result_u.hello.datagram_max);
	procedure_free(&procedure_greet, &result);
	if (*max > 0)
		return EXIT_DONE;
	say_error("the server takes no text over UDP: use TCP");
	return EXIT_FAILED;
}

int
session_farewell(struct session *session, const struct procedure *procedure,
    void *args, void *result)
{
	struct link *link = &session->link;
	struct endpoint peer = link->peer;

	watch_forgive(&session->watch, FAREWELL_MS);
	if (link->handle == NULL &&
	    (link_open(link, &session->watch, &peer, REVERSE_PROG, REVERSE_V1,
		 FAREWELL_MS) != 0 ||
		link_identify(link) != 0)) {
		link_close(link);
		return SESSION_UNREACHABLE;
	}
	return session_try(session, procedure, args, result);
}
