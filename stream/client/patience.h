/*
 * patience - how long a client's stream is tried again without progress
 *
 * Progress is a message that is newly taken or answered, and that nothing is
 * owed any more: a user who thinks makes none.  After it the first attempt is
 * made at once, and before the further ones there are pauses (base/backoff).
 * So it is after a message that a lost stream had been through, unless the
 * server loses this one as well.
 *
 * It is over with the first attempt that fails after the time given without
 * progress.  That time stands still while calls are answered, though with
 * nothing: a stream may be slow.  After many such answers in a row there are
 * pauses as well, for a server that does not wait until it has something.
 */
#ifndef STREAM_CLIENT_PATIENCE_H
#define STREAM_CLIENT_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

struct patience {
	uint32_t retry_ms;     /* without progress; 0 = no second attempt */
	unsigned int failures; /* in a row */
	unsigned int stuck;    /* of them, since a message went through and the
				  server kept the stream */
	uint64_t since;        /* the time without progress counts from here */
	uint64_t asked;        /* from here it stands still when there is an
				  answer; UINT64_MAX: not even then */
	uint64_t not_before;   /* when the next attempt may be made */
	unsigned int vain;     /* answers in a row that brought nothing */
};

/* All times are milliseconds of a monotonic clock. */
void patience_init(struct patience *p, uint32_t retry_ms, uint64_t now);

/* A call is made, and no other is under way. */
void patience_asks(struct patience *p, uint64_t now);

/* A call was answered, and is no failure. */
void patience_is_answered(struct patience *p, uint64_t now);

/* Whether many answers in a row have brought nothing. */
bool patience_is_in_vain(const struct patience *p);

/* It took a message, maybe one that a lost stream had been through. */
void patience_goes_on(struct patience *p);

/* The server has lost the stream, with all that went through. */
void patience_starts_over(struct patience *p);

/* Whether attempts have failed one after another, and no message went through:
 * the path may carry little at a time. */
bool patience_is_wary(const struct patience *p);

/* There was progress.  To go over what a lost stream had been through is none.
 */
void patience_is_rewarded(struct patience *p, uint64_t now);

/*
 * An attempt failed, and the server asks for a pause of floor_ms at least.
 * random is any number.  Returns whether there is to be another attempt, after
 * p->not_before.  Failures before that are of the same attempt.  A pause longer
 * than retry_ms is the end: nobody waits for it.
 */
bool patience_fails(
    struct patience *p, uint64_t now, uint32_t floor_ms, uint32_t random);

#endif
