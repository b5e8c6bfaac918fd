/*
 * lies - what no server can truthfully say on a stream
 *
 * All contradictions to reverse.x, to what the server has said before and to
 * what it was sent, in one table.  A stream that meets one ends INTERNAL, "the
 * server is wrong", with nothing heard of that answer.
 *
 * No lie is an answer that has come before, nor one with a gap before it, where
 * calls are ahead: the client takes the stream over then.
 */
#ifndef STREAM_CLIENT_LIES_H
#define STREAM_CLIENT_LIES_H

#include "stream/client/state.h"

/* The result of a call is an answer.  Returns NULL, or what cannot be. */
const char *lies_in_answer(const struct client_stream *c,
    const struct client_call *call, const answer *a);

/* The result of a call is a failure, of that code.  Returns likewise. */
const char *lies_in_failure(
    const struct client_stream *c, status_code code, const failure *why);

#endif
