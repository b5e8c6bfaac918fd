/*
 * session: what a command has in hand: the settings, where its results go, and
 * a connection to the server, made when the first call needs it.
 *
 * Functions that return an exit code have explained whatever is not EXIT_DONE
 * on standard error.
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
	struct link_call last; /* the latest call to the server */
	/* What the search for the server tried in vain: a line for each, with
	 * a newline before it. */
	char tried[4096];
};

/* The outcomes of a call that was not answered. */
enum session_result {
	SESSION_UNREACHABLE = 1, /* no server was found */
	SESSION_UNANSWERED,      /* last says why; the link is closed */
};

int session_start(struct session *session, const struct settings *settings,
    struct output *output);
void session_end(struct session *session);

/*
 * Makes one call within the deadline, and connects before if there is no
 * connection.  A call_context in the arguments gets the time that is left.
 * With EXIT_DONE result is the caller's to procedure_free; otherwise there is
 * nothing in it.
 */
int session_call(struct session *session, const struct procedure *procedure,
    void *args, void *result);

/*
 * The same without a word, for callers that go on after a failure, and within
 * what the caller has armed the watch for.  Returns 0 when there is a result,
 * which may be a refusal and is the caller's to procedure_free; otherwise a
 * session_result, and nothing in the result.
 */
int session_try(struct session *session, const struct procedure *procedure,
    void *args, void *result);

/* Calls go over UDP, each in a datagram. */
bool session_is_datagram(const struct session *session);

/*
 * How many bytes a message may have: over UDP the server is asked, which takes
 * a call.  *max is not 0.  Returns an exit code.
 */
int session_message_max(struct session *session, uint32_t *max);

/* Explains a failure of session_try; returns the exit code for it. */
int session_explain(
    struct session *session, const struct procedure *procedure, int failure);

/*
 * One last call within a second or two to where the server was found last,
 * whatever happened on the watch.  As session_try.
 */
int session_farewell(struct session *session, const struct procedure *procedure,
    void *args, void *result);

/* Shows a call, if --trace asks for it. */
void session_trace(const struct session *session, const struct link *link,
    const struct procedure *procedure, const struct link_call *how);

#endif
