/*
 * tried: words for what a search for a server has tried in vain, and its calls
 * for --trace.
 */
#ifndef CLIENT_SESSION_TRIED_H
#define CLIENT_SESSION_TRIED_H

#include "client/session/service.h"
#include "client/session/trace.h"
#include "client/terminal/say.h"
#include "rpcloop/call/locate.h"

/* Adds a line, which is said at once with -v. */
void tried_note(struct say_lines *lines, const struct service *service,
    const struct locate_try *what);
void tried_note_path(
    struct say_lines *lines, const char *path, const char *why);

/* Shows a call of the search, as trace_call(). */
void tried_trace(struct tracer *tracer, const struct endpoint *at,
    const struct channel_question *what, const struct channel_call *how,
    const struct rpc_err *error);

#endif
