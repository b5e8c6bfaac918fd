/*
 * trace: a call as --trace shows it, a line and then each byte of it, and as
 * part of the page of --trace-html; and in words what became of one.
 */
#ifndef CLIENT_SESSION_TRACE_H
#define CLIENT_SESSION_TRACE_H

#include "client/page/page.h"
#include "client/session/endpoint.h"
#include "rpcloop/call/channel.h"
#include "schema/built_in.h"

/* What became of a call that did not succeed, in a few words. */
const char *trace_words(const struct rpc_err *error);

/* The name of RFC 5531, section 9, for why a credential was refused. */
const char *trace_auth_name(enum auth_stat why);

/* What calls are shown by, made when the first one is.  Zeroed it is empty. */
struct tracer {
	bool tried;        /* to make it, */
	bool made;         /* and there was memory */
	bool colours;      /* of a terminal */
	bool silent;       /* nothing is said on standard error */
	struct page *page; /* borrowed; NULL: there is none */
	/* Of a program that is not built in; borrowed, NULL: there is none. */
	const struct schema *more;
	const char *ping; /* what its procedure 0 is called */
	struct built_in schemas;
};

/* May be called twice. */
void tracer_deinit(struct tracer *tracer);

/* Shows a call that has ended; of the bytes those that its channel has kept, or
 * none without a tracer, and none of a call that never left. */
void trace_call(struct tracer *tracer, const char *name,
    const struct endpoint *at, const struct channel_call *how,
    const struct rpc_err *error);

#endif
