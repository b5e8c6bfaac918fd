/*
 * terms - what the streams and their owner agree on: limits, calls, and where
 * answers go
 */
#ifndef STREAM_SERVER_TERMS_H
#define STREAM_SERVER_TERMS_H

#include "base/charge.h"

#include <reverse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/* Nobody's host. */
#define STREAMS_NOWHERE 0

/*
 * Limits beside those of the accounts of peers (base/charge), which say how
 * many streams there may be, and how many bytes of memory and disk they take.
 */
struct streams_limits {
	unsigned int parked;  /* calls waiting on one stream */
	uint32_t message_max; /* bytes; both are multiples of 4, */
	uint32_t window;      /* window is at least 64 */
	uint32_t wait_max_ms;
	uint32_t lease_ms; /* at least twice wait_max_ms */
	uint32_t unproven_lease_ms;
	uint32_t retry_after_ms; /* what a refusal recommends */
	size_t spool_memory;     /* of a WHOLE before it goes to disk;
				    at most message_max */
	size_t spool_block;      /* read back at once */
	uint64_t spool_stream;   /* bytes of one WHOLE */
	uint16_t worker;         /* in the first two bytes of a token */
};

/* The defaults of the project. */
extern const struct streams_limits streams_default_limits;

/*
 * One call of OPEN or EXCHANGE, embedded in the caller's own object.  The
 * first part is filled in by the caller.
 */
struct stream_call {
	uint64_t connection;  /* identity of the connection; over UDP, of
				 the client's host */
	uint64_t host;        /* identity of the client's host */
	struct account *peer; /* whom it is from; held by the caller until
				 the function returns that took the call */
	uint32_t room;        /* bytes of messages, as on the wire, that a
				 reply can carry */
	uint32_t space;       /* bytes of messages and of the end of the
				 stream together; 0 = any */
	bool datagram;        /* came over UDP */
	bool at_once;         /* may not wait: is answered with what there
				 is */

	/* Private. */
	struct stream *stream; /* on which it is parked */
	TAILQ_ENTRY(stream_call) link;
	uint64_t until;  /* when to answer without anything */
	uint32_t credit; /* for messages in the answer */
	bool opens;      /* an OPEN; set when it is handed in */
	bool takes_over; /* the stream's other calls end */
	bool wants_room; /* waits for the stream's window to open */
};

/*
 * The owner's part.  The functions may call streams_call_gone() for other
 * calls, and nothing else of stream/server/streams.h.
 */
struct streams_ops {
	/*
	 * Answers the call.  The result is borrowed: it is to be encoded
	 * before the function returns.  Returns whether the answer went out:
	 * what could not be encoded was not told to anybody.  A call that was
	 * kept is the owner's again.  The messages of a result lie in a row,
	 * as server/service/packed.h has it.
	 */
	bool (*answer_open)(struct stream_call *call, open_result *result);
	bool (*answer_exchange)(
	    struct stream_call *call, exchange_result *result);
	/*
	 * The call has to wait, for longer than the function that took it.
	 * Returns the place where it lives on, into which it is copied, and
	 * which stays where it is until the call is answered or withdrawn; or
	 * NULL without memory: then it is answered at once.
	 */
	struct stream_call *(*keep)(struct stream_call *call);
	/* Fills bytes with randomness fit for secrets. */
	void (*random)(void *context, void *bytes, size_t len);
	/*
	 * Takes bytes, which stand for work, from what may be done in this turn
	 * of the owner's; they may be more than are left, or 0.  Returns what
	 * is left for whoever works now.
	 */
	size_t (*spend)(void *context, size_t bytes);
	/*
	 * A stream that this peer had opened with a nonce, which is not zero,
	 * is not known any more.  May be NULL.
	 */
	void (*forgot)(
	    void *context, const struct account *peer, const char *nonce);
	/*
	 * There is no memory, or too many finished streams are kept, and the
	 * oldest one of this account, a peer's or everybody's, is that of the
	 * worker with this number: it is to call streams_relieve().  Where
	 * there is one worker only, never called.
	 */
	void (*ask_to_forget)(
	    void *context, struct account *a, uint32_t worker);
};

#endif
