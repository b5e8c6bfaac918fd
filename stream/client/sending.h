/*
 * sending - the messages of one client's stream that are for the server
 *
 * They are numbered, and borrowed from a source for as long as they may have
 * to be sent again.  What was sent and not taken is sent once more from where
 * the server has got to.
 */
#ifndef STREAM_CLIENT_SENDING_H
#define STREAM_CLIENT_SENDING_H

#include <reverse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SENDING_NEVER UINT64_MAX

/* What a source returns beside 0. */
enum client_source_result {
	CLIENT_SOURCE_WAIT = 1, /* not there yet */
	CLIENT_SOURCE_END,      /* the input ends before this number */
	CLIENT_SOURCE_GONE,     /* it was there once, and cannot be had again */
};

/*
 * Messages of the input from this number on, borrowed until they are released:
 * at most *count, and *count becomes how many, with 0 at least one.  Asked for
 * in order, and again from any number not yet released; some are asked for that
 * do not go yet.
 */
typedef int client_source_fn(
    void *context, uint64_t number, message *out, u_int *count);

/* What sending_gather() returns beside 0. */
enum sending_outcome {
	SENDING_NOTHING = 1, /* no more for now, or ever */
	SENDING_TOO_LONG,    /* the next message fits no call */
	SENDING_GONE,        /* the source has it no more */
};

/* What a call took along: the messages up to after, and what they cost. */
struct sending_run {
	uint64_t after;
	size_t cost;
};

enum { SENDING_RUNS = 16 };

struct sending {
	client_source_fn *source;
	void *context;
	message *scratch;     /* SEGMENT_MAX of them */
	uint32_t message_max; /* bytes of a message */
	size_t call_max;      /* what the messages of a call cost, unless it
				 has but one */
	uint64_t first;       /* of this stream */
	uint64_t taken;       /* all below have arrived */
	uint64_t cursor;      /* the next to be sent */
	uint64_t sent;        /* the highest cursor of this stream */
	uint64_t bytes;       /* of the messages from first to sent */
	uint64_t end;         /* where the input ends; or SENDING_NEVER */
	size_t on_the_way;    /* cost of those from taken to cursor, */
	struct sending_run run[SENDING_RUNS]; /* by calls, the oldest first */
	unsigned int runs;
	uint32_t window;     /* bytes the server takes beyond taken */
	unsigned int shares; /* calls that share the window */
};

/* source and context are borrowed.  shares is how many calls may be in flight.
 * Returns 0 or -ENOMEM. */
int sending_init(struct sending *s, client_source_fn *source, void *context,
    unsigned int shares);

/* May be called twice. */
void sending_deinit(struct sending *s);

/* To another stream, whose first message is number first. */
void sending_start(struct sending *s, uint64_t first);

/* What was sent and not taken is to be sent again. */
void sending_rewind(struct sending *s);

/*
 * Puts the messages that may go into the piece: as many as fit the window,
 * the call's share of it and the call, or one of any size when nothing is on
 * its way; the first may have more than its share.  Learns where the input
 * ends.  Returns 0 or a sending_outcome; piece has what there was before it.
 */
int sending_gather(struct sending *s, segment *piece);

/* The longest message that fits a call where messages cost at most bytes. */
uint32_t sending_longest(uint32_t bytes);

/* Whether all of the input was sent. */
bool sending_is_at_end(const struct sending *s);

/*
 * The first message from this number on that was taken and is longer than
 * message_max; or taken, if none is.  The source still has them.
 */
uint64_t sending_first_long(const struct sending *s, uint64_t from);

/*
 * The server says what it has taken, and how much it takes beyond that.  The
 * source may be asked for what is newly taken, and may release it only then.
 */
void sending_acknowledge(struct sending *s, uint64_t next, uint32_t window);

#endif
