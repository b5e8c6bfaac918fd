/*
 * state - what there is to know of a client's stream (stream/client/stream.h)
 */
#ifndef STREAM_CLIENT_STATE_H
#define STREAM_CLIENT_STATE_H

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

#define HEARD_NO_END UINT64_MAX

/* What an answer is held against, beside numbers. */
struct heard {
	uint64_t bytes;   /* of all answers, */
	uint64_t here;    /* and of those of this stream */
	uint64_t end;     /* where its answers end; HEARD_NO_END */
	status_code code; /* and how */
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
	uint32_t lease_ms;      /* bounded; until it is continued over UDP, */
	uint32_t full_lease_ms; /* it may be less than others have */
	uint64_t last_call;     /* when a call was made last */

	struct sending sending; /* to the server */

	/* From the server. */
	struct greeted greeted; /* whom the answers so far came from */
	uint64_t next;          /* the answer expected */
	size_t untold;          /* cost of the answers that no call has told
				   of since they arrived */
	struct heard heard;

	struct flights flights; /* calls under way */
	bool moves_on;          /* to another server */

	/* How it ended: code is OK when all was done. */
	failure why;
	char detail[DETAIL_MAX];
	uint64_t messages_in; /* as the server counted, if it did */
	uint64_t bytes_in;
	uint64_t bytes_out;
};

#endif
