/*
 * explain: the words for every way a call can end.
 *
 * A failure of the network says what to check, an error of RFC 5531 who said
 * it, a refusal of the application carries the server's own words.
 */
#include "client/session/explain.h"

#include "base/base.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Bytes of a failure's detail with every one of them escaped. */
#define DETAIL_TEXT_SIZE (4 * DETAIL_MAX + 1)

static const char *
code_name(status_code code)
{
	static const char *const names[] = {
		[STATUS_OK] = "OK",
		[STATUS_CANCELLED] = "CANCELLED",
		[STATUS_UNKNOWN] = "UNKNOWN",
		[STATUS_INVALID_ARGUMENT] = "INVALID_ARGUMENT",
		[STATUS_DEADLINE_EXCEEDED] = "DEADLINE_EXCEEDED",
		[STATUS_NOT_FOUND] = "NOT_FOUND",
		[STATUS_ALREADY_EXISTS] = "ALREADY_EXISTS",
		[STATUS_PERMISSION_DENIED] = "PERMISSION_DENIED",
		[STATUS_RESOURCE_EXHAUSTED] = "RESOURCE_EXHAUSTED",
		[STATUS_FAILED_PRECONDITION] = "FAILED_PRECONDITION",
		[STATUS_ABORTED] = "ABORTED",
		[STATUS_OUT_OF_RANGE] = "OUT_OF_RANGE",
		[STATUS_UNIMPLEMENTED] = "UNIMPLEMENTED",
		[STATUS_INTERNAL] = "INTERNAL",
		[STATUS_UNAVAILABLE] = "UNAVAILABLE",
		[STATUS_DATA_LOSS] = "DATA_LOSS",
		[STATUS_UNAUTHENTICATED] = "UNAUTHENTICATED",
	};

	return (size_t)code < ARRAY_LEN(names) ? names[code] : "UNKNOWN";
}

const char *
explain_status(const struct link_call *how)
{
	static const char prefix[] = "RPC: ";
	const char *text;

	switch (how->status) {
	case RPC_CANTSEND:
	case RPC_CANTRECV:
		return strerror(how->error.re_errno);
	case RPC_TIMEDOUT:
		return "no answer";
	default:
		text = clnt_sperrno(how->status);
		if (strncmp(text, prefix, strlen(prefix)) == 0)
			text += strlen(prefix);
		return text;
	}
}

/* The transport for a call or an answer that no datagram holds. */
static const char *
stream_netid(const struct session *session)
{
	return session->settings->transport == TRANSPORT_UDP6 ? "tcp6" : "tcp";
}

/* The application's answer: there is one, and it is no. */
static int
explain_failure(const struct session *session, const failure *why,
    const char *place, const char *verdict)
{
	char detail[DETAIL_TEXT_SIZE], advice[64] = "";

	say_safely(detail, sizeof(detail), why->detail.detail_val,
	    why->detail.detail_len);
	if (why->retry_after_ms > 0)
		snprintf(advice, sizeof(advice), "; try again in %u.%03u s",
		    why->retry_after_ms / 1000, why->retry_after_ms % 1000);
	else if (why->code == STATUS_OUT_OF_RANGE &&
	    session_is_datagram(session))
		snprintf(
		    advice, sizeof(advice), " (-n %s)", stream_netid(session));
	say_error("%s%s%s: %s%s%s%s", place, place[0] != '\0' ? ": " : "",
	    verdict, code_name(why->code), detail[0] != '\0' ? ": " : "",
	    detail, advice);
	return why->code == STATUS_DEADLINE_EXCEEDED ? EXIT_DEADLINE
						     : EXIT_FAILED;
}

int
explain_end(
    const struct session *session, const failure *why, const char *place)
{
	unsigned int asked = session->settings->deadline_ms;

	if (why->code != STATUS_DEADLINE_EXCEEDED || asked == 0)
		return explain_failure(session, why, place, "the stream ended");
	say_error("not done within the deadline of %u.%03u s", asked / 1000,
	    asked % 1000);
	return EXIT_DEADLINE;
}

/* Nobody answered in time, or the user did not want to wait. */
static int
explain_timeout(struct session *session)
{
	unsigned int asked = session->settings->deadline_ms;

	if (watch_happened(&session->watch) == WATCH_INTERRUPTED)
		return EXIT_INTERRUPTED;
	if (asked > 0)
		say_error("no answer within the deadline of %u.%03u s",
		    asked / 1000, asked % 1000);
	else
		say_error("no answer within %d s; -t allows more",
		    SESSION_PATIENCE_MS / 1000);
	return EXIT_DEADLINE;
}

/* The names of RFC 5531, section 9, for enum auth_stat. */
static const char *
auth_name(enum auth_stat why)
{
	static const char *const names[] = {
		[AUTH_BADCRED] = "AUTH_BADCRED",
		[AUTH_REJECTEDCRED] = "AUTH_REJECTEDCRED",
		[AUTH_BADVERF] = "AUTH_BADVERF",
		[AUTH_REJECTEDVERF] = "AUTH_REJECTEDVERF",
		[AUTH_TOOWEAK] = "AUTH_TOOWEAK",
		[AUTH_INVALIDRESP] = "AUTH_INVALIDRESP",
		[AUTH_FAILED] = "AUTH_FAILED",
	};

	if ((size_t)why >= ARRAY_LEN(names) || names[why] == NULL)
		return "unknown reason";
	return names[why];
}

/* RFC 5531's own errors, and answers that cannot be read. */
static int
explain_protocol(
    const struct session *session, const char *name, const char *peer)
{
	const struct link_call *how = &session->last;

	switch (how->status) {
	case RPC_PROGUNAVAIL:
		say_error("%s answers, but does not serve reverse (program "
			  "%u)\n  check the server (-s) and the port (-p)",
		    peer, REVERSE_PROG);
		return EXIT_UNREACHABLE;
	case RPC_PROGVERSMISMATCH:
		say_error("%s serves versions %u to %u of reverse, and this "
			  "program speaks %u",
		    peer, how->error.re_vers.low, how->error.re_vers.high,
		    REVERSE_V1);
		break;
	case RPC_AUTHERROR:
		say_error("%s does not accept the credential of this user: %s",
		    peer, auth_name(how->error.re_why));
		break;
	case RPC_CANTENCODEARGS:
		say_error("the call is too long for this transport; "
			  "use -n %s",
		    stream_netid(session));
		break;
	case RPC_CANTDECODERES:
		say_error("%s sent an answer to %s that reverse.x does not "
			  "allow",
		    peer, name);
		break;
	default:
		say_error(
		    "%s did not do %s: %s", peer, name, explain_status(how));
	}
	return EXIT_FAILED;
}

int
explain_call(struct session *session, const struct procedure *procedure,
    const void *result)
{
	const struct failure *why = NULL;
	char peer[ENDPOINT_TEXT_SIZE];

	endpoint_text(&session->link.peer, peer);
	switch (session->last.status) {
	case RPC_SUCCESS:
		why = procedure_refusal(procedure, result);
		return why == NULL
		    ? EXIT_DONE
		    : explain_failure(session, why, "", "the server refused");
	case RPC_TIMEDOUT:
		return explain_timeout(session);
	case RPC_CANTSEND:
	case RPC_CANTRECV:
		say_error("the connection to %s was lost: %s\n"
			  "  the server may have been stopped: try again",
		    peer, explain_status(&session->last));
		return EXIT_UNREACHABLE;
	default:
		return explain_protocol(session, procedure->name, peer);
	}
}

int
explain_unreachable(struct session *session)
{
	const struct settings *settings = session->settings;
	const char *tried = session->tried;
	bool local = settings_is_local(settings);
	const char *where = settings->path;

	if (where == NULL)
		where = local ? "a Unix socket" : settings->host;
	switch (watch_happened(&session->watch)) {
	case WATCH_INTERRUPTED:
		return EXIT_INTERRUPTED;
	case WATCH_EXPIRED:
		say_error("no server found at %s before the deadline%s", where,
		    tried);
		return EXIT_DEADLINE;
	default:
		say_error("cannot reach a reverse server at %s%s\n"
			  "  check that it runs there, %s\n"
			  "  start one with: reversed (in the source tree: "
			  "sh scripts/start)",
		    where, tried,
		    local ? "and the path of its socket (-S)"
			  : "its name (-s) and port (-p), and that no "
			    "firewall\n  is between");
		return EXIT_UNREACHABLE;
	}
}
