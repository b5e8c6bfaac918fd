/*
 * call: one call of a command, explained when it goes wrong.
 *
 * The functions return an exit code, having explained on standard error
 * whatever is not EXIT_DONE.
 */
#ifndef CLIENT_SESSION_CALL_H
#define CLIENT_SESSION_CALL_H

#include "client/session/session.h"

/*
 * Makes one call within the deadline of the settings, and connects before if
 * there is no connection.  With EXIT_DONE result is the caller's to
 * procedure_free; otherwise there is nothing in it.
 */
int call_server(struct session *session, const struct procedure *procedure,
    void *args, void *result);

/*
 * How many bytes a message may have, as the server greets; *max is not 0.  On a
 * connection the first stream need not ask again: session->hello is its
 * answer.
 */
int call_message_max(struct session *session, uint32_t *max);

#endif
