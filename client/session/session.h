/*
 * session: what a command has in hand: the settings, where its results go, and
 * a connection to the server, made when the first call needs it.
 *
 * A call is made without a word here.  client/session/call is for commands that
 * make one after the other; client/session/explain has the words.
 */
#ifndef CLIENT_SESSION_SESSION_H
#define CLIENT_SESSION_SESSION_H

#include "client/exit_code.h"
#include "client/session/link.h"
#include "client/settings.h"
#include "client/terminal/output.h"

/* How long a call may take where no deadline is given, in milliseconds. */
#define SESSION_PATIENCE_MS 25000

struct session {
	const struct settings *settings; /* borrowed */
	struct output *output;           /* borrowed */
	struct watch watch;
	struct link link;
	uint64_t until; /* the deadline of the whole command, by base/clock;
			   UINT64_MAX: none */
	struct link_call last;  /* the latest call to the server */
	struct say_lines tried; /* in vain, when the server was looked for */
};

/* The outcomes of a call that was not answered. */
enum session_result {
	SESSION_UNREACHABLE = 1, /* no server was found */
	SESSION_UNANSWERED,      /* last says why; the link is closed */
};

/*
 * Starts the watch.  Returns EXIT_DONE, or EXIT_FAILED having said why.
 * session_end closes the connection, and follows success alone.
 */
int session_start(struct session *session, const struct settings *settings,
    struct output *output);
void session_end(struct session *session);

/*
 * Makes one call within what the watch is armed for, and connects before if
 * there is no connection.  A call_context in the arguments gets the time that
 * is left.  Returns 0 when there is a result, which may be a refusal and is the
 * caller's to procedure_free; otherwise a session_result, and nothing in the
 * result.
 */
int session_try(struct session *session, const struct procedure *procedure,
    void *args, void *result);

/*
 * One last call within a second or two to where the server was found last,
 * whatever happened on the watch.  As session_try.
 */
int session_farewell(struct session *session, const struct procedure *procedure,
    void *args, void *result);

#endif
