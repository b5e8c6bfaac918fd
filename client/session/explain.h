/*
 * explain: what went wrong, in words, and the exit code for it.
 */
#ifndef CLIENT_SESSION_EXPLAIN_H
#define CLIENT_SESSION_EXPLAIN_H

#include "client/session/session.h"

/* session_try had a result: it may be a refusal. */
int explain_answer(const struct session *session,
    const struct procedure *procedure, const void *result);

/* session_try had none: failed is the session_result it returned. */
int explain_failed(const struct session *session,
    const struct procedure *procedure, int failed);

/*
 * A stream did not end well.  place says where in the input, "" if nowhere.
 * Returns the exit code for it.
 */
int explain_end(
    const struct session *session, const failure *why, const char *place);

#endif
