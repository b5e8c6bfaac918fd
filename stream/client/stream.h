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
 * Over UDP the messages of a call cost no more than the longest that the
 * server takes in a datagram.  One that is longer ends the stream with
 * OUT_OF_RANGE, once all before it is answered.
 */
#ifndef STREAM_CLIENT_STREAM_H
#define STREAM_CLIENT_STREAM_H

#include "stream/client/flights.h"
#include "stream/client/greeted.h"
#include "stream/client/patience.h"
#include "stream/client/sending.h"
#include "stream/method/traits.h"

#include <reverse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A server parks 64 calls of a stream, and answers the oldest then. */
enum { CLIENT_FLIGHTS_MAX = 16 };

/* Where messages come from, and answers go. */
struct client_stream_ops {
	/* The input; progress() releases messages. */
	client_source_fn *messages;
	/*
	 * The server has all messages below taken.  Those below done will
	 * never be asked for again; the ones between, only if the server
	 * loses the stream.
	 */
	void (*progress)(void *context, uint64_t taken, uint64_t done);
	/* The next answers, from this number on: count of them, which is not 0;
	 * borrowed. */
	void (*answers)(
	    void *context, uint64_t number, const message *texts, u_int count);
	/* Fills bytes with randomness fit for secrets. */
	void (*random)(void *context, void *bytes, size_t len);
};

struct client_stream_terms {
	stream_method method;
	text_unit unit;
	uint32_t pace_ms;
	uint32_t largest;     /* as in open_args */
	uint32_t deadline_ms; /* of the whole; 0 = none */
	uint32_t credit;      /* bytes of messages in one answer; not 0 */
	uint32_t wait_ms;     /* how long the server may keep a call */
	bool datagram;        /* calls go over UDP: each has to fit the
				 server's datagram_max */
	bool others;          /* there is more than one server */
	unsigned int flights; /* calls in flight, at most
				 CLIENT_FLIGHTS_MAX; 1 over UDP */
	uint32_t retry_ms;    /* how long it is tried again without progress
				 (stream/client/patience.h); 0 = a loss is
				 the end */
};

enum client_phase {
	CLIENT_GREETING, /* who serves here? */
	CLIENT_OPENING,  /* no token yet */
	CLIENT_TALKING,
	CLIENT_ENDED,
};

struct client_stream {
	struct client_stream_terms terms;
	const struct method_traits *traits;
	const struct client_stream_ops *ops;
	void *context;
	enum client_phase phase;
	uint64_t deadline; /* UINT64_MAX = none */
	uint64_t due;      /* when an idle one has something to do */
	uint64_t best;     /* the highest taken that was ever reached */
	struct patience patience;
	uint32_t path_max; /* bytes of a message that the path carries */
	uint32_t largest;  /* as in open_args */

	char nonce[16];
	token name;
	bool named;             /* name is known */
	uint32_t lease_ms;      /* until it is continued over UDP, */
	uint32_t full_lease_ms; /* it may be less than others have */
	uint64_t last_call;     /* when a call was made last */

	struct sending sending; /* to the server */

	/* From the server. */
	struct greeted greeted; /* whom the answers so far came from */
	uint64_t next;          /* the answer expected */

	struct flights flights; /* calls under way */
	bool moves_on;          /* to another server */

	/* How it ended: code is OK when all was done. */
	failure why;
	char detail[DETAIL_MAX];
	uint64_t messages_in; /* as the server counted, if it did */
	uint64_t bytes_in;
	uint64_t bytes_out;
};

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

/*
 * Ends it with a failure of the client's own, such as CANCELLED.  One that has
 * ended stays as it is.
 */
void client_stream_give_up(
    struct client_stream *c, status_code code, const char *detail);

/* Ends it because this message is longer than a datagram carries. */
void client_stream_give_up_long(struct client_stream *c, uint64_t number);

#endif
