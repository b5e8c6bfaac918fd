/*
 * streams - the streams of one worker (reverse.x, "Streams")
 *
 * A state machine without sockets and without a clock: calls come in as
 * rpcgen decoded them, answers go out through streams_ops, and every function
 * that may have to know the time is told it, in milliseconds of a monotonic
 * clock.  Nothing here blocks; WHOLE's disk is reached through a struct disk.
 *
 * Every call that is handed in is answered exactly once: before the function
 * returns, or later from any other one, or never if it was withdrawn.
 */
#ifndef STREAM_SERVER_STREAMS_H
#define STREAM_SERVER_STREAMS_H

#include "stream/server/disk.h"

#include <reverse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/* A client that only the totals hold for; and a host that is none. */
#define STREAMS_ANYBODY 0
#define STREAMS_NOWHERE 0

struct streams_limits {
	unsigned int open; /* streams that have not ended */
	unsigned int open_per_client;
	unsigned int open_unproven; /* made over UDP, not continued */
	unsigned int finished;      /* streams that ended, kept for a
				       client that asks again */
	unsigned int parked;        /* calls waiting on one stream */
	uint32_t message_max;       /* bytes; both are multiples of 4, */
	uint32_t window;            /* window is at least 64 */
	uint32_t wait_max_ms;
	uint32_t lease_ms; /* at least twice wait_max_ms */
	uint32_t unproven_lease_ms;
	uint32_t retry_after_ms; /* what a refusal recommends */
	size_t turn_bytes;       /* of text reversed without a pause */
	size_t memory;           /* see streams_ops.memory_elsewhere;
				    one client has an eighth of it */
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
 * first part is filled in by the caller; the memory must stay where it is
 * until the call is answered or withdrawn.
 */
struct stream_call {
	uint64_t connection; /* identity of the connection; over UDP, of
				the client's host */
	uint64_t host;       /* identity of the client's host */
	uint64_t client;     /* identity for the limits, or
				STREAMS_ANYBODY */
	size_t held;         /* bytes that the client's connections hold:
				part of its share */
	uint32_t room;       /* bytes of messages, as on the wire, that a
				reply can carry */
	uint32_t space;      /* bytes of messages and of the end of the
				stream together; 0 = any */
	bool datagram;       /* came over UDP */
	bool hurried;        /* may not wait: is answered at once with
				what there is */

	/* Private while the call is parked. */
	struct stream *stream;
	TAILQ_ENTRY(stream_call) link;
	uint64_t until;  /* when to answer without anything */
	uint32_t credit; /* for messages in the answer */
	bool opens;      /* an OPEN; set when it is handed in */
	bool takes_over; /* the stream's other calls end */
	bool wants_room; /* waits for the stream's window to open */
};

/*
 * Where answers go.  The result is borrowed: it is to be encoded before the
 * function returns.  Returns whether the answer went out: what could not be
 * encoded was not told to anybody.  The call's memory is the caller's again.
 * The functions may call streams_call_gone() for other calls, and nothing else
 * of this.
 */
struct streams_ops {
	bool (*answer_open)(struct stream_call *call, open_result *result);
	bool (*answer_exchange)(
	    struct stream_call *call, exchange_result *result);
	/* Fills bytes with randomness fit for secrets. */
	void (*random)(void *context, void *bytes, size_t len);
	/* Bytes in use outside that count for limits.memory; may be NULL. */
	size_t (*memory_elsewhere)(void *context);
};

struct streams;

/*
 * Makes a table.  limits and ops are copied; disk and context are borrowed
 * for the table's life.  Returns 0 or -ENOMEM.
 */
int streams_new(struct streams **out, const struct streams_limits *limits,
    const struct streams_ops *ops, struct disk *disk, void *context);

/*
 * Frees the table and its streams.  No call may be parked: see
 * streams_end_all().  Accepts NULL and returns it.
 */
struct streams *streams_free(struct streams *streams);

/* The procedures.  args may be freed when they return. */
void streams_open(struct streams *streams, uint64_t now, const open_args *args,
    struct stream_call *call);
void streams_exchange(struct streams *streams, uint64_t now,
    const exchange_args *args, struct stream_call *call);
void streams_cancel(
    struct streams *streams, uint64_t now, const cancel_args *args);

/* Withdraws a call that was not answered: its connection is gone. */
void streams_call_gone(struct stream_call *call, uint64_t now);

/* The worker a token belongs to. */
uint16_t streams_token_worker(const token stream);

/* Whether the stream was opened from this host, and no other: it has received
 * the token. */
bool streams_opened_by(
    const struct streams *streams, const token stream, uint64_t host);

/*
 * Time.  streams_next_due() says when streams_tick() has something to do, or
 * UINT64_MAX.
 */
uint64_t streams_next_due(const struct streams *streams);
void streams_tick(struct streams *streams, uint64_t now);

/*
 * Work that was put off after limits.turn_bytes: while there is some,
 * streams_work() is to be called in every turn and does as much again.
 */
bool streams_has_work(const struct streams *streams);
void streams_work(struct streams *streams, uint64_t now);

/* To be called when the disk has finished jobs. */
void streams_disk_ready(struct streams *streams, uint64_t now);

/* From now on OPEN is answered UNAVAILABLE, except for a repeated one. */
void streams_drain(struct streams *streams);

/* Ends every open stream with UNAVAILABLE, which answers all calls. */
void streams_end_all(struct streams *streams, uint64_t now);

/*
 * Streams that are open; and those, ended or not, whose client has not been
 * told the end and has not cancelled them.
 */
unsigned int streams_count(const struct streams *streams);
unsigned int streams_owing(const struct streams *streams);

/* Bytes of memory in use, and those of one client's streams. */
size_t streams_memory(const struct streams *streams);
size_t streams_client_memory(const struct streams *streams, uint64_t client);

#endif
