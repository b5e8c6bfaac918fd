/* One attempt at a call of a session. */
#include "client/session/session.h"

#include "base/base.h"
#include "base/clock.h"
#include "client/session/trace.h"

#include <errno.h>
#include <string.h>

/* How long connections may break where no server ever was. */
enum { UNMET_MS = 3000 };

/* Whether a search is over, and what came of it. */
struct search {
	struct session *session;
	bool over;
	bool found;
};

static void
on_found(void *context, struct channel *channel)
{
	struct search *search = context;

	search->found = session_adopt(search->session, channel);
	search->over = true;
	session_wake(search->session);
}

/* What a wait that ended before its time is for the call that waited. */
static int
result_of(enum session_wait wait)
{
	static const int results[] = {
		[SESSION_WAIT_DONE] = 0,
		[SESSION_WAIT_LATE] = SESSION_TOO_LATE,
		[SESSION_WAIT_INTERRUPTED] = SESSION_INTERRUPTED,
		[SESSION_WAIT_FAILED] = SESSION_BROKEN,
	};

	return results[wait];
}

/* Returns 0, or a session_result. */
static int
connect_until(struct session *session, uint64_t until_ms)
{
	struct search search = { .session = session };
	int r;

	session_disconnect(session);
	find_start(&session->find, session->met, on_found, &search);
	r = result_of(session_run(session, until_ms, &search.over));
	find_stop(&session->find);
	if (r != 0)
		return r;
	return search.found ? 0 : SESSION_UNREACHABLE;
}

/* What is left of the deadline goes along; without one nothing does. */
static void
set_deadline(const struct session *session, const struct procedure *procedure,
    void *args, uint64_t left)
{
	call_context *context;

	if (procedure->context == PROCEDURE_NO_CONTEXT ||
	    session->settings->deadline_ms == 0)
		return;
	context = (void *)((char *)args + procedure->context);
	context->deadline_ms = left > 0 ? (u_int)left : 1;
}

/* By the stub, which waits. */
static void
call_stub(struct session *session, const struct procedure *procedure,
    void *args, void *result, uint64_t left)
{
	struct timeval limit = {
		.tv_sec = (time_t)(left / 1000),
		.tv_usec = (suseconds_t)(left % 1000 * 1000),
	};
	struct rpc_err error;

	if (procedure->result_size > 0)
		memset(result, 0, procedure->result_size);
	clnt_control(session->handle, CLSET_TIMEOUT, (char *)&limit);
	procedure->stub(args, result, session->handle);
	clnt_geterr(session->handle, &error);
	/* Of one that cannot be decoded there may be numbers left. */
	if (error.re_status != RPC_SUCCESS && procedure->result_size > 0)
		memset(result, 0, procedure->result_size);
	session_note_call(session, procedure->name,
	    handle_last_call(session->handle), &error);
}

/* What has happened while nobody waited: the connection ended, or somebody
 * wants no more.  Returns 0, or a session_result. */
static int
catch_up(struct session *session)
{
	static const bool never = false;
	int r = result_of(session_run(session, clock_now_ms(), &never));

	return r == SESSION_TOO_LATE ? 0 : r;
}

/* A call that is listened for. */
struct listening {
	struct session *session;
	bool over;
	enum pulse_end how;
};

static void
on_asked(
    void *context, const struct channel_call *call, const struct rpc_err *error)
{
	struct listening *listening = context;

	session_note_call(
	    listening->session, listening->session->service->ping, call, error);
	if (error->re_status == RPC_SUCCESS)
		listening->session->met = true;
}

static void
on_over(void *context, enum pulse_end how)
{
	struct listening *listening = context;

	listening->over = true;
	listening->how = how;
	session_wake(listening->session);
}

static void
listen_until(struct listening *listening, uint64_t until_ms)
{
	static const struct pulse_ops ops = { on_asked, on_over };
	struct session *session = listening->session;
	const struct pulse_terms terms = {
		.channel = session->channel,
		.service = session->service,
		.auth = session->auth,
		.asks = find_has_others(&session->find) ||
		    (!session->met && until_ms == SESSION_FOREVER),
		.limit_ms = until_ms == SESSION_FOREVER ? session->patience_ms
							: TIMER_NEVER,
		.ops = &ops,
		.context = listening,
	};

	pulse_listen(&session->pulse, &terms);
}

/* What came is no reply, or none of a reverse server. */
static bool
is_nonsense(const struct rpc_err *error)
{
	return (error->re_status == RPC_CANTSEND ||
		   error->re_status == RPC_CANTRECV) &&
	    (error->re_errno == EMSGSIZE || error->re_errno == EBADMSG);
}

bool
session_is_in_vain(struct session *session, int r)
{
	const struct rpc_err *error = &session->last.error;
	uint64_t now = clock_now_ms();

	if (session->met)
		return false;
	/* Whoever set a deadline waits for it. */
	if (r == SESSION_UNREACHABLE && session->find.silence)
		return session->settings->deadline_ms == 0;
	if (r != SESSION_UNANSWERED || is_nonsense(error))
		return true;
	if (find_is_silence(error))
		return session->settings->deadline_ms == 0 &&
		    !find_has_others(&session->find);
	if (session->unmet_until == 0)
		session->unmet_until = now + UNMET_MS;
	return now >= session->unmet_until;
}

/* The call was ended for want of a sign of the server.  One that hangs is as
 * good as one whose connection broke. */
static void
note_over(const struct listening *listening)
{
	struct session *session = listening->session;
	struct rpc_err *error = &session->last.error;

	if (listening->how == PULSE_LATE) {
		*error = (struct rpc_err){ .re_status = RPC_TIMEDOUT };
		return;
	}
	*error = (struct rpc_err){
		.re_status = RPC_CANTRECV,
		.re_errno = ETIMEDOUT,
	};
	session_leave(session);
}

/* What a server says that knows no AUTH_SYS, or wants more. */
static bool
is_of_credential(const struct rpc_err *error)
{
	return error->re_status == RPC_AUTHERROR &&
	    (error->re_why == AUTH_BADCRED ||
		error->re_why == AUTH_REJECTEDCRED ||
		error->re_why == AUTH_TOOWEAK);
}

bool
session_drop_user(struct session *session)
{
	char where[ENDPOINT_TEXT_SIZE];

	if (session->settings->security != SECURITY_ANY ||
	    session->auth == session->none ||
	    !is_of_credential(&session->last.error))
		return false;
	say_step("%s does not accept AUTH_SYS (%s), and is called without it",
	    endpoint_text(&session->peer, where),
	    trace_auth_name(session->last.error.re_why));
	session->auth = session->none;
	if (session->handle != NULL)
		session->handle->cl_auth = session->auth;
	return true;
}

/* As session_try(), once. */
static int
try_once(struct session *session, const struct procedure *procedure, void *args,
    void *result, uint64_t until_ms)
{
	struct listening listening = { .session = session };
	uint64_t left;
	int r = 0;

	/* Without one, that is noticed while a server is looked for. */
	if (session_is_connected(session))
		r = catch_up(session);
	if (session->interrupted)
		return SESSION_INTERRUPTED;
	if (r == 0 && !session_is_connected(session))
		r = connect_until(session, until_ms);
	if (r != 0)
		return r;
	/* 0 would not be waited for. */
	left = MAX_OF(session_left_until(until_ms), UINT64_C(1));
	set_deadline(session, procedure, args, left);
	listen_until(&listening, until_ms);
	call_stub(session, procedure, args, result, left);
	pulse_stop(&session->pulse);
	if (session->interrupted)
		return SESSION_INTERRUPTED;
	if (listening.over && session->last.error.re_status == RPC_INTR)
		note_over(&listening);
	if (session->last.error.re_status != RPC_SUCCESS)
		return SESSION_UNANSWERED;
	session->met = true;
	return 0;
}

void
session_note_call(struct session *session, const char *name,
    const struct channel_call *how, const struct rpc_err *error)
{
	session->last = (struct session_call){
		.error = *error,
		.xid = how->xid,
		.call_bytes = how->call_bytes,
		.reply_bytes = how->reply_bytes,
		.microseconds = how->took_ns / 1000,
	};
	if (settings_traces(session->settings))
		trace_call(&session->tracer, name, &session->peer, how, error);
}

int
session_try(struct session *session, const struct procedure *procedure,
    void *args, void *result, uint64_t until_ms)
{
	int r = try_once(session, procedure, args, result, until_ms);

	if (r == SESSION_UNANSWERED && session_drop_user(session))
		r = try_once(session, procedure, args, result, until_ms);
	return r;
}
