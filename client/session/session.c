/*
 * session: one call after the other over one link.
 *
 * A link whose call failed is closed; the next call makes a new one.
 */
#include "client/session/session.h"

#include "base/clock.h"
#include "client/session/locate.h"

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

static bool
locate(struct session *session)
{
	return locate_server(session->settings, &session->watch, &session->link,
	    &session->tried);
}

int
session_try(struct session *session, const struct procedure *procedure,
    void *args, void *result)
{
	if (session->link.handle == NULL && !locate(session))
		return SESSION_UNREACHABLE;
	set_deadline(session, procedure, args);
	link_call(&session->link, &session->watch, WATCH_FOREVER, procedure,
	    args, result, &session->last);
	if (session->settings->trace)
		link_trace(&session->link, procedure, &session->last);
	/* The watch may have shut the socket down after the reply came. */
	if (session->last.status != RPC_SUCCESS ||
	    watch_happened(&session->watch) != WATCH_NOTHING)
		link_close(&session->link);
	return session->last.status == RPC_SUCCESS ? 0 : SESSION_UNANSWERED;
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
