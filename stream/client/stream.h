/*
 * client_stream - the client's end of a stream (reverse.x, "Streams")
 *
 * A state machine without sockets: it says which call to make next, and is
 * told how each call went.  It numbers, sends again what a server did not
 * take, goes on with the token on a new connection, and opens another stream
 * when the server has forgotten the first, so that the answers come out once
 * each and in order.  The driver connects, makes the calls, and keeps time.
 *
 *	while ((step = client_stream_next(c, now, &call)) != CLIENT_OVER)
 *		CLIENT_CALL: make call, then report its result, or
 *		    client_stream_lost() if the connection failed
 *		CLIENT_IDLE: wait for the source, or until c->due
 *
 * More than one call may be in flight, up to terms.flights, on one connection.
 * The results are to be reported in the order in which they arrived.
 *
 * A message that is longer than the server takes ends the stream with
 * OUT_OF_RANGE, once all before it is answered.  Over UDP that is what it takes
 * in a datagram, and the messages of a call cost no more than one of them.
 */
#ifndef STREAM_CLIENT_STREAM_H
#define STREAM_CLIENT_STREAM_H

#include "stream/client/ending.h"
#include "stream/client/state.h"

/* terms is copied, ops and context are borrowed.  Returns 0 or -ENOMEM. */
int client_stream_init(struct client_stream *c,
    const struct client_stream_terms *terms,
    const struct client_stream_ops *ops, void *context, uint64_t now);

/* May be called twice. */
void client_stream_deinit(struct client_stream *c);

/* How a call went, by its kind.  The result is borrowed. */
void client_stream_greeted(struct client_stream *c, uint64_t now,
    const struct client_call *call, const greet_result *result);
void client_stream_opened(struct client_stream *c, uint64_t now,
    const struct client_call *call, const open_result *result);
void client_stream_exchanged(struct client_stream *c, uint64_t now,
    const struct client_call *call, const exchange_result *result);

/*
 * The connection is gone, or the driver waits for answers no longer: no call in
 * flight will be answered.  The next call, which client_stream_next() gives
 * when it is time, has to be made on another connection, to this server or
 * another one; to make that connection is a part of the call.  With no call in
 * flight nothing was lost, and the loss is none of the failures in a row.
 * detail says why, should it be the last attempt.
 */
void client_stream_lost(
    struct client_stream *c, uint64_t now, const char *detail);

/* The calls in flight were not done, and are to be made again: that is none of
 * the failures in a row. */
void client_stream_recall(struct client_stream *c);

/*
 * Whether, since this was asked last, the server has given the stream up though
 * there are others: then the driver leaves its connection, and no call is in
 * flight.  The next one is made at once, whenever this server asks to be asked
 * again.
 */
bool client_stream_moves_on(struct client_stream *c);

/*
 * Over UDP: calls and answers whose messages cost more than this, as on the
 * wire, do not arrive on this path.  They have less from now on, and what was
 * in flight is made again.  A stream whose answers are of another length than
 * its messages begins anew, if none was heard, so that the server knows how
 * long they may be.  A message that is too long itself ends the stream with
 * OUT_OF_RANGE.  It is no failure in a row.  Returns false when no call in
 * flight would be any shorter: what the path carries is only kept for a server
 * that takes more than this one, or than none was yet asked for.
 */
bool client_stream_shrink(struct client_stream *c, uint32_t bytes);

#endif
