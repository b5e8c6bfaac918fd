/*
 * session: what a command has in hand: the settings, and a connection to the
 * server, made when the first call needs it.
 *
 * Every function returns an exit code.  Whatever is not EXIT_DONE has been
 * explained on standard error.
 */
#ifndef CLIENT_SESSION_H
#define CLIENT_SESSION_H

#include "client/exit_code.h"
#include "client/link.h"
#include "client/settings.h"

/* How long a call may take where no deadline is given, in milliseconds. */
#define SESSION_PATIENCE_MS 25000

struct session {
	const struct settings *settings;
	struct watch watch;
	struct link link;
	struct link_call last; /* the latest call to the server */
};

int session_start(struct session *session, const struct settings *settings);
void session_end(struct session *session);

/*
 * Makes one call within the deadline, and connects before if there is no
 * connection.  A call_context in the arguments gets the time that is left.
 * With EXIT_DONE result is the caller's to procedure_free; otherwise there is
 * nothing in it.
 */
int session_call(struct session *session, const struct procedure *procedure,
    void *args, void *result);

/* Shows a call, if --trace asks for it. */
void session_trace(const struct session *session, const struct link *link,
    const struct procedure *procedure, const struct link_call *how);

#endif
