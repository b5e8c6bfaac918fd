/*
 * explain: what went wrong, in words, and the exit code for it.
 */
#ifndef CLIENT_SESSION_EXPLAIN_H
#define CLIENT_SESSION_EXPLAIN_H

#include "client/session/session.h"

/* session_try had a result: it may be a refusal. */
int explain_answer(const struct session *session,
    const struct procedure *procedure, const void *result);

/* Says that the server is wrong, and how; EXIT_FAILED. */
int explain_lie(const char *what);

/* session_try had none: failed is the session_result it returned. */
int explain_failed(const struct session *session,
    const struct procedure *procedure, int failed);

/* The exit code for a wait: EXIT_DONE also when its time was over. */
int explain_wait(const struct session *session, enum session_wait wait);

/*
 * A stream's server was lost for good: lost is the session_result that says
 * how.  One that hung is lost as well: that is no deadline of the user.
 * Of one that answered PING alone, overdue is what it did not answer; else
 * NULL.
 */
int explain_lost(
    const struct session *session, const struct procedure *overdue, int lost);

/*
 * A stream did not end well.  place says where in the input, "" if nowhere.
 * Returns the exit code for it.
 */
int explain_end(
    const struct session *session, const failure *why, const char *place);

#endif
