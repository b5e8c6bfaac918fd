/*
 * explain: the words for every way a call can end.
 *
 * A failure of the network says what to check, an error of RFC 5531 who said
 * it, a refusal of the application carries the server's own words.
 */
#include "client/session/explain.h"

#include "base/base.h"
#include "base/printable.h"
#include "client/session/status_name.h"
#include "client/session/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Of a datagram that fits every path that IPv6 takes. */
#define UNCUT_BYTES (1280 - 40 - 8)

/* Bytes of a failure's detail with every one of them escaped. */
#define DETAIL_TEXT_SIZE (4 * DETAIL_MAX + 1)

/* The transport for a call or an answer that no datagram holds. */
static const char *
stream_netid(const struct session *session)
{
	return session->settings->transport == TRANSPORT_UDP6 ? "tcp6" : "tcp";
}

/* The application's answer: there is one, and it is no. */
static int
explain_refusal(const struct session *session, const failure *why,
    const char *place, const char *verdict)
{
	char detail[DETAIL_TEXT_SIZE], advice[64] = "";

	printable(detail, sizeof(detail), why->detail.detail_val,
	    why->detail.detail_len);
	if (why->retry_after_ms > 0)
		snprintf(advice, sizeof(advice), "; try again in %u.%03u s",
		    why->retry_after_ms / 1000, why->retry_after_ms % 1000);
	else if (why->code == STATUS_OUT_OF_RANGE &&
	    settings_is_datagram(session->settings))
		snprintf(
		    advice, sizeof(advice), " (-n %s)", stream_netid(session));
	say_failure(status_name(why->code), "%s%s%s: %s%s%s%s", place,
	    place[0] != '\0' ? ": " : "", verdict, status_name(why->code),
	    detail[0] != '\0' ? ": " : "", detail, advice);
	return why->code == STATUS_DEADLINE_EXCEEDED ? EXIT_DEADLINE
						     : EXIT_FAILED;
}

int
explain_end(
    const struct session *session, const failure *why, const char *place)
{
	unsigned int asked = session->settings->deadline_ms;

	if (why->code != STATUS_DEADLINE_EXCEEDED || asked == 0)
		return explain_refusal(session, why, place, "the stream ended");
	say_failure(status_name(STATUS_DEADLINE_EXCEEDED),
	    "not done within the deadline of %u.%03u s", asked / 1000,
	    asked % 1000);
	return EXIT_DEADLINE;
}

/* Nobody answered in time, perhaps for the length of the call. */
static int
explain_timeout(const struct session *session)
{
	unsigned int asked = session->settings->deadline_ms;
	size_t bytes = session->last.call_bytes;
	struct say_lines lines = { .len = 0 };

	if (asked > 0)
		say_line(&lines, "no answer within the deadline of %u.%03u s",
		    asked / 1000, asked % 1000);
	else
		say_line(&lines, "no answer within %" PRIu64 " s",
		    session->pulse.waited_ms / 1000);
	if (settings_is_datagram(session->settings) && bytes > UNCUT_BYTES)
		say_line(&lines,
		    "  a datagram of %zu bytes may not fit the path: try -n %s",
		    bytes, stream_netid(session));
	say_failure_lines(status_name(STATUS_DEADLINE_EXCEEDED), &lines);
	return EXIT_DEADLINE;
}

/* The server refuses the credential of calls, or the lack of one. */
static void
explain_credential(const struct session *session, const char *peer)
{
	static const char *const what[] = {
		[SECURITY_ANY] = "the credential of this user",
		[SECURITY_NONE] = "calls without a credential",
		[SECURITY_SYS] = "the credential of this user",
	};
	enum security security = session->settings->security;
	bool dropped = security == SECURITY_ANY && session->auth != NULL &&
	    session->auth == session->none;

	say_failure(status_name(STATUS_UNAUTHENTICATED),
	    "%s does not accept %s: %s%s", peer, what[security],
	    trace_auth_name(session->last.error.re_why),
	    dropped ? "; the server wants more than AUTH_SYS" : "");
}

static int
explain_too_long(const struct session *session)
{
	say_failure(status_name(STATUS_OUT_OF_RANGE),
	    "the call is too long for this transport; use -n %s",
	    stream_netid(session));
	return EXIT_FAILED;
}

/* It would go on another path. */
static int
explain_path(const struct session *session)
{
	struct say_lines lines = { .len = 0 };

	say_line(&lines, "the call is too long for this transport; use -n %s",
	    stream_netid(session));
	say_line(&lines,
	    "  a datagram of %zu bytes, or the answer to it, does not fit the "
	    "path",
	    session->last.call_bytes);
	say_failure_lines(status_name(STATUS_OUT_OF_RANGE), &lines);
	return EXIT_FAILED;
}

/* A server whose buffer is shorter has but a part of the arguments. */
static void
explain_not_done(const struct session *session, const char *name,
    const char *peer, const struct rpc_err *error)
{
	size_t bytes = session->last.call_bytes;
	struct say_lines lines = { .len = 0 };

	say_line(
	    &lines, "%s did not do %s: %s", peer, name, trace_words(error));
	if (settings_is_datagram(session->settings) && bytes > UNCUT_BYTES &&
	    error->re_status != RPC_PROCUNAVAIL)
		say_line(&lines,
		    "  a datagram of %zu bytes may be more than it takes: try "
		    "-n %s",
		    bytes, stream_netid(session));
	say_failure_lines(status_name(status_of_call(error)), &lines);
}

/* RFC 5531's own errors, and answers that cannot be read. */
static int
explain_protocol(
    const struct session *session, const char *name, const char *peer)
{
	const struct rpc_err *error = &session->last.error;
	const struct service *service = session->service;
	struct say_lines lines = { .len = 0 };

	switch (error->re_status) {
	case RPC_PROGUNAVAIL:
		say_line(&lines,
		    "%s answers, but does not serve %s (program %u)", peer,
		    service->name, (unsigned int)service->program);
		say_line(&lines, "  check the server (-s) and the port (-p)");
		say_failure_lines(status_name(status_of_call(error)), &lines);
		return EXIT_UNREACHABLE;
	case RPC_PROGVERSMISMATCH:
		say_failure(status_name(status_of_call(error)),
		    "%s serves versions %u to %u of %s, and this "
		    "program speaks %u",
		    peer, error->re_vers.low, error->re_vers.high,
		    service->name, (unsigned int)service->version);
		break;
	case RPC_AUTHERROR:
		explain_credential(session, peer);
		break;
	case RPC_CANTENCODEARGS:
		/* A connection takes whatever memory does. */
		return settings_is_datagram(session->settings)
		    ? explain_too_long(session)
		    : say_no_memory();
	case RPC_CANTDECODERES:
		say_failure(status_name(status_of_call(error)),
		    "%s sent an answer to %s that %s does not allow", peer,
		    name, service->file);
		break;
	default:
		explain_not_done(session, name, peer, error);
	}
	return EXIT_FAILED;
}

/* The connection broke between the call and its reply. */
static int
explain_loss(const struct session *session, const char *peer)
{
	struct say_lines lines = { .len = 0 };

	say_line(&lines, "the connection to %s was lost: %s", peer,
	    trace_words(&session->last.error));
	if (session->met) {
		say_line(
		    &lines, "  the server may have been stopped: try again");
	} else {
		say_line(&lines,
		    "  nobody there has answered as a %s server does: "
		    "check the server (-s)",
		    session->service->name);
		say_line(&lines, "  and the port (-p)");
	}
	say_failure_lines(status_name(STATUS_UNAVAILABLE), &lines);
	return EXIT_UNREACHABLE;
}

/* As it broke before the reply to what is not called again. */
static int
explain_undecided(const struct session *session,
    const struct procedure *procedure, const char *peer)
{
	struct say_lines lines = { .len = 0 };

	say_line(&lines, "the connection to %s was lost: %s", peer,
	    trace_words(&session->last.error));
	say_line(&lines,
	    "  %s may have been done, or not, so it is not called again",
	    procedure->name);
	say_failure_lines(status_name(STATUS_UNAVAILABLE), &lines);
	return EXIT_UNREACHABLE;
}

int
explain_lie(const char *what)
{
	say_failure(
	    status_name(STATUS_INTERNAL), "the server is wrong: %s", what);
	return EXIT_FAILED;
}

int
explain_answer(const struct session *session, const struct procedure *procedure,
    const void *result)
{
	const failure *why = procedure_refusal(procedure, result);

	if (why == NULL)
		return EXIT_DONE;
	if (why->code != procedure_code(result))
		return explain_lie("a failure has two codes");
	return explain_refusal(session, why, "", "the server refused");
}

/* It is this host that has not what it takes. */
static int
explain_broken(int error)
{
	say_failure(status_of_errno(error), "cannot wait for a server: %s",
	    strerror(error));
	return EXIT_FAILED;
}

static int
explain_unanswered(
    const struct session *session, const struct procedure *procedure)
{
	char peer[ENDPOINT_TEXT_SIZE];

	endpoint_text(&session->peer, peer);
	switch (session->last.error.re_status) {
	case RPC_TIMEDOUT:
		/* Whoever is there may be no server. */
		if (!session->met && session->settings->deadline_ms == 0)
			return explain_loss(session, peer);
		return explain_timeout(session);
	case RPC_CANTSEND:
		if (session->last.error.re_errno == EMSGSIZE &&
		    settings_is_datagram(session->settings))
			return explain_path(session);
		return explain_loss(session, peer);
	case RPC_CANTRECV:
		return procedure->once
		    ? explain_undecided(session, procedure, peer)
		    : explain_loss(session, peer);
	case RPC_SYSTEMERROR:
		/* Of the server's there is no number. */
		if (session->last.error.re_errno != 0)
			return explain_broken(session->last.error.re_errno);
		return explain_protocol(session, procedure->name, peer);
	default:
		return explain_protocol(session, procedure->name, peer);
	}
}

/* The attempts in vain are listed. */
static int
explain_nobody(const struct session *session)
{
	const struct settings *settings = session->settings;
	struct say_lines lines = { .len = 0 };
	char place[SETTINGS_PLACE_SIZE];

	say_line(&lines, "cannot reach a %s server at %s",
	    session->service->name, settings_place(settings, place));
	say_append(&lines, &session->tried);
	if (settings_is_local(settings)) {
		say_line(&lines,
		    "  check that it runs there, and the path of its socket "
		    "(-S)");
	} else {
		say_line(&lines,
		    "  check that it runs there, its name (-s) and port (-p), "
		    "and that no firewall");
		say_line(&lines, "  is between");
	}
	if (session->service == &service_reverse &&
	    places_are_here(&settings->servers))
		say_line(&lines,
		    "  start one with: reversed (in the source tree: sh "
		    "scripts/start)");
	say_failure_lines(status_name(STATUS_UNAVAILABLE), &lines);
	return EXIT_UNREACHABLE;
}

static int
explain_too_late(const struct session *session)
{
	struct say_lines lines = { .len = 0 };
	char place[SETTINGS_PLACE_SIZE];

	say_line(&lines, "no server found at %s before the deadline",
	    settings_place(session->settings, place));
	say_append(&lines, &session->tried);
	say_failure_lines(status_name(STATUS_DEADLINE_EXCEEDED), &lines);
	return EXIT_DEADLINE;
}

int
explain_wait(const struct session *session, enum session_wait wait)
{
	switch (wait) {
	case SESSION_WAIT_INTERRUPTED:
		return EXIT_INTERRUPTED;
	case SESSION_WAIT_FAILED:
		return explain_broken(session->error);
	default:
		return EXIT_DONE;
	}
}

int
explain_failed(const struct session *session, const struct procedure *procedure,
    int failed)
{
	switch (failed) {
	case SESSION_INTERRUPTED:
		return EXIT_INTERRUPTED;
	case SESSION_TOO_LATE:
		return explain_too_late(session);
	case SESSION_UNREACHABLE:
		return explain_nobody(session);
	case SESSION_BROKEN:
		return explain_broken(session->error);
	default:
		return explain_unanswered(session, procedure);
	}
}

/* It may be there for long, so trying again is no advice. */
static int
explain_overdue(const char *peer, const struct procedure *overdue)
{
	struct say_lines lines = { .len = 0 };

	say_line(&lines, "%s does not answer %s", peer, overdue->name);
	say_line(&lines,
	    "  it answers %s: it may have too much to do, or not offer that",
	    procedure_ping.name);
	say_failure_lines(status_name(STATUS_UNAVAILABLE), &lines);
	return EXIT_UNREACHABLE;
}

int
explain_lost(
    const struct session *session, const struct procedure *overdue, int lost)
{
	char peer[ENDPOINT_TEXT_SIZE];

	if (lost != SESSION_UNANSWERED ||
	    session->last.error.re_status != RPC_TIMEDOUT)
		return explain_failed(session, &procedure_exchange, lost);
	endpoint_text(&session->peer, peer);
	return overdue != NULL ? explain_overdue(peer, overdue)
			       : explain_loss(session, peer);
}
