/*
 * calls - which call a client's stream makes next
 */
#ifndef STREAM_CLIENT_CALLS_H
#define STREAM_CLIENT_CALLS_H

#include "stream/client/stream.h"

enum client_step {
	CLIENT_CALL, /* call has been filled in: make it */
	CLIENT_IDLE, /* nothing to do before c->due */
	CLIENT_OVER, /* c->why says how it ended */
};

/* What to do now, in milliseconds of a monotonic clock. */
enum client_step client_stream_next(
    struct client_stream *c, uint64_t now, struct client_call *call);

/*
 * A call that does nothing but keep the lease, for a driver that cannot take
 * answers in for a while; due when half of c->lease_ms has passed since
 * c->last_call.  No call may be in flight.  Its result means nothing.
 * Returns false while the stream has no token, and so no lease.
 */
bool client_stream_renew(
    struct client_stream *c, uint64_t now, struct client_call *call);

#endif
