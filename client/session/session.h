/*
 * session: what a command has in hand: the settings, where its results go, a
 * loop, and a connection to the server, made when the first call needs it.
 *
 * Whoever waits runs the loop, by session_run().  SIGINT, SIGTERM and SIGHUP
 * end a wait, unless they are ignored: the stream is cancelled at the server,
 * and main dies by the signal.
 *
 * client/session/call makes a call and explains what went wrong;
 * client/session/explain has the words.
 */
#ifndef CLIENT_SESSION_SESSION_H
#define CLIENT_SESSION_SESSION_H

#include "client/exit_code.h"
#include "client/session/endpoint.h"
#include "client/session/find.h"
#include "client/session/procedure.h"
#include "client/session/pulse.h"
#include "client/session/spare.h"
#include "client/session/trace.h"
#include "client/settings.h"
#include "client/terminal/output.h"
#include "rpcloop/call/handle.h"
#include "rpcloop/loop/signals.h"

/* How long a call may take, in milliseconds, where no deadline is given and
 * nothing of it moves on its line. */
#define SESSION_PATIENCE_MS 25000

/* How long a server may keep a call of a stream before that counts, the most
 * that it ever does. */
#define SESSION_WAIT_MS 10000

/* No end to a wait, or to a deadline. */
#define SESSION_FOREVER UINT64_MAX

/* How a call went. */
struct session_call {
	struct rpc_err error;
	uint32_t xid;
	size_t call_bytes;  /* of the call message (RFC 5531, section 9) */
	size_t reply_bytes; /* of the reply message; 0 without one */
	uint64_t microseconds;
};

struct session {
	const struct settings *settings; /* borrowed */
	struct output *output;           /* borrowed */
	const struct service *service;   /* borrowed; at first reverse */
	struct loop loop;
	struct spare spare;
	struct signals signals;
	int killed;             /* the signal that came; 0 */
	bool interrupted;       /* it has not been forgiven */
	struct loop_item limit; /* of a wait, */
	bool late;              /* which is over */
	int error; /* why turns cannot be run any more, an errno; 0 */
	struct loop_item notice; /* tells a user at a terminal that it waits, */
	uint64_t notice_ms;      /* after that time */
	bool expects;
	struct find find;
	struct pulse pulse;      /* of the server, while it owes an answer */
	uint64_t patience_ms;    /* SESSION_PATIENCE_MS */
	uint64_t wait_ms;        /* SESSION_WAIT_MS */
	AUTH *sys, *none;        /* the user of this process, and nobody */
	AUTH *auth;              /* of them, that of the calls */
	struct channel *channel; /* NULL while there is no connection */
	CLIENT *handle;          /* on it */
	struct endpoint peer;    /* of the present or the last one */
	bool met;                /* a call was answered */
	uint64_t unmet_until;    /* nobody is looked for after it, if none ever
				    was; 0: no connection broke yet */
	uint64_t until; /* the deadline of the whole command, by base/clock;
			   SESSION_FOREVER */
	/* Told when the connection broke; NULL: nobody. */
	void (*lost)(void *context);
	void *lost_context;
	bool greeted;       /* by the server of the connection, which is */
	greet_result hello; /* known until a stream has taken note of it */
	struct session_call last; /* the latest call to the server */
	struct tracer tracer;
	struct say_lines tried; /* in vain, when it was looked for last */
};

/* How a wait ended. */
enum session_wait {
	SESSION_WAIT_DONE,
	SESSION_WAIT_LATE,
	SESSION_WAIT_INTERRUPTED,
	SESSION_WAIT_FAILED, /* so does every other: error says why */
};

/* The outcomes of a call that was not answered. */
enum session_result {
	SESSION_UNREACHABLE = 1, /* no server was found: see tried */
	SESSION_TOO_LATE,        /* none was before the time was over */
	SESSION_INTERRUPTED,
	SESSION_UNANSWERED, /* last says why */
	SESSION_BROKEN,     /* no turn can be run: error says why */
};

/*
 * Returns EXIT_DONE, or EXIT_FAILED having said why.  session_end() closes the
 * connection, and follows success alone.
 */
int session_start(struct session *session, const struct settings *settings,
    struct output *output);
void session_end(struct session *session);

/*
 * Runs turns until *done, which whoever sets it tells by session_wake(); until
 * a time of base/clock; or until it is interrupted.
 */
enum session_wait session_run(
    struct session *session, uint64_t until_ms, const bool *done);
void session_wake(struct session *session);

/* Another program is called; before the first call.  schema, which --trace
 * shows it by, and service are borrowed. */
void session_serve(struct session *session, const struct service *service,
    const struct schema *schema);

/* What was begun has to be ended at the server: an interruption is forgotten,
 * so that the next one counts. */
void session_forgive(struct session *session);

/* Something is expected of a server, or is there: after two seconds without it
 * a user at a terminal is told, once. */
void session_expects(struct session *session, bool expects);
/* It has been for some time. */
void session_expects_since(struct session *session, uint64_t since_ms);

/* Milliseconds until a time of base/clock, which may be SESSION_FOREVER. */
uint64_t session_left_until(uint64_t time_ms);

/* Whether there is a connection that has not broken. */
static inline bool
session_is_connected(const struct session *session)
{
	return session->channel != NULL &&
	    session->channel->state != CHANNEL_BROKEN;
}

/* Closes the connection, if there is one, without telling lost(). */
void session_disconnect(struct session *session);

/* The connection's hello has been taken note of. */
void session_forget_hello(struct session *session);

/* Likewise; and another server is looked for next, if there is one. */
void session_leave(struct session *session);

/* What find() came to: the channel is the session's from now on.  Returns
 * whether there is a connection. */
bool session_adopt(struct session *session, struct channel *channel);

/*
 * Makes one call by the stub, and connects before if there is no connection;
 * once more after session_drop_user().  It may take until a time of base/clock;
 * SESSION_FOREVER: as long as it moves, and patience_ms after that.  Where
 * there are other servers, one that hangs is left: RPC_CANTRECV.  A
 * call_context in the arguments gets the time that is left.  Returns 0 when
 * there is a result, which may be a refusal and is the caller's to
 * procedure_free(); otherwise a session_result, and nothing in the result.
 */
int session_try(struct session *session, const struct procedure *procedure,
    void *args, void *result, uint64_t until_ms);

/*
 * Whether the latest call was refused for its AUTH_SYS, which --sec did not ask
 * for: then further calls to this server have AUTH_NONE.  No call in flight is
 * to be waited for.
 */
bool session_drop_user(struct session *session);

/*
 * Whether it is of no use to try again after a session_result: whoever is there
 * never answered as a server does, and says something else, keeps silent or has
 * closed connections for three seconds.  One that was met may come back, and
 * one that keeps silent may answer before a deadline that was set.
 */
bool session_is_in_vain(struct session *session, int r);

/* A call that was made, by the stub or not, is the latest, and shown if --trace
 * or --trace-html asks for it. */
void session_note_call(struct session *session, const char *name,
    const struct channel_call *how, const struct rpc_err *error);

#endif
