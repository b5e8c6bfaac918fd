/*
 * explain: what went wrong, in words, and the exit code for it.
 */
#ifndef CLIENT_SESSION_EXPLAIN_H
#define CLIENT_SESSION_EXPLAIN_H

#include "client/session/session.h"

/* The outcome of session->last. */
int explain_call(struct session *session, const struct procedure *procedure,
    const void *result);

/* The server was not reached; session->tried lists the attempts. */
int explain_unreachable(struct session *session);

/*
 * A stream did not end well.  place says where in the input, "" if nowhere.
 * Returns the exit code for it.
 */
int explain_end(
    const struct session *session, const failure *why, const char *place);

/* What became of a call that did not succeed, in a few words. */
const char *explain_status(const struct link_call *how);

#endif
