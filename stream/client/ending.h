/*
 * ending - how a client's stream ends
 */
#ifndef STREAM_CLIENT_ENDING_H
#define STREAM_CLIENT_ENDING_H

#include "stream/client/state.h"

/*
 * Ends it with a failure of the client's own, such as CANCELLED.  One that has
 * ended stays as it is.
 */
void client_stream_give_up(
    struct client_stream *c, status_code code, const char *detail);

/* Ends it because this message is longer than the server takes, or a datagram
 * carries. */
void client_stream_give_up_long(struct client_stream *c, uint64_t number);

/* A failure of the client's own; detail is borrowed. */
failure ending_failure(status_code code, const char *detail);

/* Ends it as the server says, or as a failure of the client's own. */
void ending_set(struct client_stream *c, const failure *why);

/* Ends it if the server lies.  what says how, or is NULL: then it does not, and
 * this returns false. */
bool ending_by_lie(struct client_stream *c, const char *what);

#endif
