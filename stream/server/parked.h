/*
 * parked - the calls that wait on a stream, and how they are answered
 *
 * For the sources of this folder only.  Calls wait in the order they came.
 * Nothing waits on a stream that has ended.
 */
#ifndef STREAM_SERVER_PARKED_H
#define STREAM_SERVER_PARKED_H

#include "stream/server/stream.h"

/* What answering one costs, as bytes of text. */
enum { PARKED_COST = 256 };

/*
 * Puts the call last; when the stream has parked as many as it may, the
 * oldest is answered first.  parked_deliver() decides whether it has to wait.
 */
void parked_add(struct stream *s, struct stream_call *call);

/*
 * The call waits for longer than the function that took it: puts what its
 * owner keeps in its place.  Where that cannot be, it is answered at once.
 */
void parked_keep(struct stream_call *call);

/* Takes the call out, unanswered. */
void parked_remove(struct stream_call *call);

/* Answers the calls that have nothing to wait for any more. */
void parked_deliver(struct stream *s);

/*
 * The call takes the stream over: all others are answered ABORTED, and the
 * answers go to it from the first that was not acknowledged.
 */
void parked_take_over(struct stream *s, const struct stream_call *call);

/* Answers a call that is not parked with a failure. */
void call_fail(struct stream_world *world, struct stream_call *call,
    status_code code, const char *detail);

#endif
