#include "client/session/tried.h"

#include "base/base.h"

#include <errno.h>
#include <netdb.h>
#include <rpc/rpcb_prot.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Bytes of notes, of which a message has to leave some for others. */
#define NOTES_MAX 4096

/* Adds a note; of those that no longer fit it says that there are some. */
static void
add(struct say_lines *lines, const char *what, const char *text)
{
	if (lines->len >= NOTES_MAX)
		return;
	say_line(lines, "  %s%s", what, text);
	if (lines->len >= NOTES_MAX)
		say_line(lines, "  and so on: -v shows all");
}

static void PRINTF_LIKE(3, 0) add_words(
    struct say_lines *lines, const char *what, const char *format, va_list args)
{
	char words[512];

	vsnprintf(words, sizeof(words), format, args);
	say_step("%s%s", what, words);
	add(lines, what, words);
}

/* Notes an attempt. */
static void PRINTF_LIKE(2, 3)
    note(struct say_lines *lines, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_words(lines, "tried ", format, args);
	va_end(args);
}

/* Notes what is not attempted. */
static void PRINTF_LIKE(2, 3)
    note_not(struct say_lines *lines, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_words(lines, "not tried: ", format, args);
	va_end(args);
}

/* The errors of getaddrinfo(3). */
static void
note_name(struct say_lines *lines, const struct locate_try *what)
{
	const char *why = gai_strerror(what->gai);

	if (what->outcome == LOCATE_LEFT_OUT) {
		note_not(lines, "%zu more addresses of %s, after the first %d",
		    what->left_out, what->place->name, LOCATE_ADDRESSES_MAX);
		return;
	}
	if (what->outcome == LOCATE_UNFINISHED)
		why = "no answer";
	else if (what->gai == EAI_SYSTEM)
		why = strerror(what->error.re_errno);

	if (what->place->kind == LOCATE_PATH) {
		note(
		    lines, "%s: too long for a Unix socket", what->place->name);
		return;
	}
	note(lines, "the name %s: %s", what->place->name, why);
}

/* It did not say where a server is. */
static void
note_failure(
    struct say_lines *lines, const char *at, const struct locate_try *what)
{
	const struct rpc_err *error = &what->error;

	/* A portmapper, say, which has no word for IPv6. */
	if (error->re_status == RPC_PROGVERSMISMATCH)
		note(lines,
		    "rpcbind at %s: its versions, %u to %u, do not know %s", at,
		    (unsigned int)error->re_vers.low,
		    (unsigned int)error->re_vers.high,
		    endpoint_netid(&what->at));
	else
		note(lines, "rpcbind at %s: %s", at, trace_words(error));
}

static void
note_rpcbind(struct say_lines *lines, const struct service *service,
    const struct locate_try *what)
{
	char at[ENDPOINT_TEXT_SIZE], named[ENDPOINT_TEXT_SIZE];

	endpoint_text(&what->at, at);
	switch (what->outcome) {
	case LOCATE_NAMED:
		say_step("rpcbind at %s: the server is at %s", at,
		    endpoint_text(&what->named, named));
		break;
	case LOCATE_UNREGISTERED:
		note(lines, "rpcbind at %s: knows no %s server on %s", at,
		    service->name, endpoint_netid(&what->at));
		break;
	case LOCATE_NO_ADDRESS:
		note(lines, "rpcbind at %s: names \"%s\", which is no address",
		    at,
		    what->text != NULL ? what->text : "a port that is none");
		break;
	default:
		note_failure(lines, at, what);
	}
}

static void
note_server(struct say_lines *lines, const struct service *service,
    const struct locate_try *what)
{
	const char *source =
	    what->named_by != NULL ? " (named by rpcbind)" : "";
	char at[ENDPOINT_TEXT_SIZE];

	if (what->at.len == 0) {
		note(
		    lines, "%s: too long for a Unix socket", what->place->name);
		return;
	}
	endpoint_text(&what->at, at);
	if (what->outcome == LOCATE_NOT_OF_HOST)
		note_not(lines, "%s%s is not of that host", at, source);
	else if (what->error.re_status == RPC_PROGUNAVAIL)
		note(lines, "%s%s: answers, but does not serve %s (program %u)",
		    at, source, service->name, (unsigned int)service->program);
	else if (what->error.re_status == RPC_PROGVERSMISMATCH)
		note(lines,
		    "%s%s: serves versions %u to %u of %s, and this "
		    "program speaks %u",
		    at, source, (unsigned int)what->error.re_vers.low,
		    (unsigned int)what->error.re_vers.high, service->name,
		    (unsigned int)service->version);
	else
		note(lines, "%s%s: %s", at, source, trace_words(&what->error));
}

void
tried_note(struct say_lines *lines, const struct service *service,
    const struct locate_try *what)
{
	switch (what->step) {
	case LOCATE_NAME:
		note_name(lines, what);
		break;
	case LOCATE_RPCBIND:
		note_rpcbind(lines, service, what);
		break;
	case LOCATE_SERVER:
		note_server(lines, service, what);
		break;
	}
}

void
tried_note_path(struct say_lines *lines, const char *path, const char *why)
{
	note(lines, "%s: %s", path, why);
}

void
tried_trace(struct tracer *tracer, const struct endpoint *at,
    const struct channel_question *what, const struct channel_call *how,
    const struct rpc_err *error)
{
	static const char *const names[] = {
		[PMAPVERS] = "PMAPPROC_GETPORT",
		[RPCBVERS] = "RPCBPROC_GETADDR",
		[RPCBVERS4] = "RPCBPROC_GETADDR",
	};
	const char *name = tracer != NULL && tracer->ping != NULL
	    ? tracer->ping
	    : service_reverse.ping;

	if (what->program == RPCBPROG && what->version < ARRAY_LEN(names))
		name = names[what->version];
	trace_call(tracer, name, at, how, error);
}
