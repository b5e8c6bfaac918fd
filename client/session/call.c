/*
 * call: a deadline covers all of a call, from before the server is looked for.
 * Every procedure of reverse.x may be called again, so one whose connection
 * broke is; of others that is not known.
 */
#include "client/session/call.h"

#include "base/backoff.h"
#include "base/base.h"
#include "base/clock.h"
#include "client/session/explain.h"
#include "client/session/status_name.h"

#include <errno.h>
#include <sys/random.h>

enum {
	/* Of arguments that go in one piece on every path that IPv6 takes. */
	UNCUT_BYTES = 1000,
	/* How long a datagram that may be cut is waited for, and then the
	 * answer to one that is not. */
	CUT_MS = 5000,
	ASKED_MS = 1000,
};

/* Before it is made again, after so many times that it was.  Without randomness
 * the pause is the shortest there is. */
static uint64_t
pause_before(unsigned int times)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = 0;
	return backoff_ms(times, random);
}

static bool
is_lost(const struct session *session, const struct procedure *procedure, int r)
{
	const struct rpc_err *error = &session->last.error;

	if (r == SESSION_UNREACHABLE)
		return true;
	if (r != SESSION_UNANSWERED)
		return false;
	/* What is too long does not go on another connection either. */
	if (error->re_status == RPC_CANTSEND)
		return error->re_errno != EMSGSIZE ||
		    !settings_is_datagram(session->settings);
	return error->re_status == RPC_CANTRECV && !procedure->once;
}

static bool
may_be_cut(const struct session *session, const struct procedure *procedure,
    void *args)
{
	return settings_is_datagram(session->settings) && args != NULL &&
	    !procedure->once &&
	    procedure_args_size(procedure, args) > UNCUT_BYTES;
}

/* A datagram that is cut on its way may get lost for that reason each time: a
 * server that answers a short one meanwhile is not waited for.  As
 * session_try(). */
static int
try_cut(struct session *session, const struct procedure *procedure, void *args,
    void *result, uint64_t until)
{
	uint64_t soon = MIN_OF(clock_now_ms() + CUT_MS, until);
	struct session_call lost;
	int r = session_try(session, procedure, args, result, soon);

	if (r == SESSION_TOO_LATE && soon < until)
		return session_try(session, procedure, args, result, until);
	if (r != SESSION_UNANSWERED || soon == until ||
	    session->last.error.re_status != RPC_TIMEDOUT)
		return r;
	lost = session->last;
	r = session_try(session, &procedure_ping, NULL, NULL,
	    MIN_OF(clock_now_ms() + ASKED_MS, until));
	if (r == SESSION_INTERRUPTED)
		return r;
	if (r != 0)
		return session_try(session, procedure, args, result, until);
	session->last = lost;
	session->last.error = (struct rpc_err){
		.re_status = RPC_CANTSEND,
		.re_errno = EMSGSIZE,
	};
	return SESSION_UNANSWERED;
}

/* The time for the call is over; a deadline is told as one. */
static int
too_late(struct session *session, int r)
{
	if (session->settings->deadline_ms == 0)
		return r;
	if (r == SESSION_UNREACHABLE)
		return SESSION_TOO_LATE;
	session->last.error = (struct rpc_err){ .re_status = RPC_TIMEDOUT };
	return r;
}

/* Until it is answered, refused for good, or time is over.  As session_try().
 */
static int
try_until(struct session *session, const struct procedure *procedure,
    void *args, void *result, uint64_t until)
{
	static const bool never = false;
	uint64_t retry_until = 0;
	bool cut = may_be_cut(session, procedure, args);
	enum session_wait wait;
	int r;

	for (unsigned int times = 0;; times++) {
		r = cut ? try_cut(session, procedure, args, result, until)
			: session_try(session, procedure, args, result, until);
		if (r == 0 || !is_lost(session, procedure, r) ||
		    session_is_in_vain(session, r))
			return r;
		/* However long it took to fail the first time. */
		if (times == 0)
			retry_until =
			    clock_now_ms() + session->settings->retry_ms;
		wait = session_run(session,
		    MIN_OF(clock_now_ms() + pause_before(times), until),
		    &never);
		if (wait == SESSION_WAIT_INTERRUPTED)
			return SESSION_INTERRUPTED;
		if (wait == SESSION_WAIT_FAILED)
			return SESSION_BROKEN;
		if (clock_now_ms() >= until)
			return too_late(session, r);
		if (clock_now_ms() >= retry_until)
			return r;
		say_step("the connection is lost, and will be made again");
	}
}

int
call_server(struct session *session, const struct procedure *procedure,
    void *args, void *result)
{
	uint64_t until = session->settings->deadline_ms > 0
	    ? clock_now_ms() + session->settings->deadline_ms
	    : SESSION_FOREVER;
	int r;

	session_expects(session, true);
	r = try_until(session, procedure, args, result, until);
	session_expects(session, false);
	if (r != 0)
		return explain_failed(session, procedure, r);
	r = explain_answer(session, procedure, result);
	if (r != EXIT_DONE)
		procedure_free(procedure, result);
	return r;
}

/* Of what the server takes; over UDP, in a datagram. */
static uint32_t
longest_of(const struct session *session, const greeting *hello)
{
	uint32_t max = MIN_OF(hello->message_max, (u_int)MESSAGE_MAX);

	return settings_is_datagram(session->settings)
	    ? MIN_OF(max, hello->datagram_max)
	    : max;
}

int
call_message_max(struct session *session, uint32_t *max)
{
	bool is_datagram = settings_is_datagram(session->settings);
	call_context args = { 0 };
	int r;

	session_forget_hello(session);
	r = call_server(session, &procedure_greet, &args, &session->hello);
	if (r != EXIT_DONE)
		return r;
	session->greeted = true;
	*max = longest_of(session, &session->hello.greet_result_u.hello);
	/* Whoever takes the next datagram may be another. */
	if (is_datagram)
		session_forget_hello(session);
	if (*max > 0)
		return EXIT_DONE;
	say_failure(status_name(STATUS_UNIMPLEMENTED),
	    "the server takes no text%s",
	    is_datagram ? " over UDP: use TCP" : "");
	return EXIT_FAILED;
}
