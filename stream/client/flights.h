/*
 * flights - the calls of one client's stream that are under way
 *
 * All of them are on one connection, and mean nothing once it is gone.
 */
#ifndef STREAM_CLIENT_FLIGHTS_H
#define STREAM_CLIENT_FLIGHTS_H

#include <reverse.h>
#include <stdbool.h>
#include <stdint.h>

enum client_call_kind {
	CLIENT_GREET, /* REVERSE_GREET with an empty context */
	CLIENT_OPEN,
	CLIENT_EXCHANGE,
};

/*
 * One call.  The arguments are borrowed until the next client_stream_next();
 * the rest is the driver's to keep until it reports the result.
 */
struct client_call {
	enum client_call_kind kind;
	union {
		open_args open;
		exchange_args exchange;
	} args;
	uint64_t connection; /* which one, counted by losses */
	uint32_t credit;     /* bytes of messages in its answer */
	bool pushes;         /* carries messages */
	bool takes_over;
	bool renews; /* the lease alone: what becomes of it means nothing */
	unsigned int reign; /* of that connection: takeovers so far */
};

struct flights {
	uint64_t connection;
	unsigned int flying;
	unsigned int pushing; /* of those, with messages */
	unsigned int seizing; /* of those, taking the stream over */
	unsigned int reign;   /* takeovers so far */
	bool fresh;           /* the next call has to take it over */
};

/* The call, filled in but for its connection and reign, is made. */
void flights_begin(struct flights *f, struct client_call *call);

/* Its result is there.  Returns whether that still means anything. */
bool flights_end(struct flights *f, const struct client_call *call);

/* Whether a later one has taken the stream over, so that it is aborted. */
bool flights_overtook(const struct flights *f, const struct client_call *call);

/* Calls under way mean nothing any more: from now on there is another
 * connection. */
void flights_forget(struct flights *f);

#endif
