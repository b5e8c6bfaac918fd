/*
 * explain: what went wrong, in words, and the exit code for it.
 */
#ifndef CLIENT_EXPLAIN_H
#define CLIENT_EXPLAIN_H

#include "client/session.h"

/* The outcome of session->last. */
int explain_call(struct session *session, const struct procedure *procedure,
    const void *result);

/*
 * The server was not reached.  tried lists the attempts, each on a line of
 * its own with a newline before it.
 */
int explain_unreachable(struct session *session, const char *tried);

/* What became of a call that did not succeed, in a few words. */
const char *explain_status(const struct link_call *how);

#endif
