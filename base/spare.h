/*
 * Spares: what somebody holds and could do without, such as a stream that has
 * ended and is kept for a client that asks again.
 *
 * A holder says so by a spare.  Whoever runs short has the oldest one given up:
 * the oldest of one account, or of all of them.  Where the accounts of several
 * threads draw from one pot (base/charge), the oldest may be another thread's.
 * Each keeps in the pot how old its own oldest is, so that every one of them
 * can tell whose it is; only that thread can give it up.
 */
#ifndef BASE_SPARE_H
#define BASE_SPARE_H

#include "base/charge.h"

#include <stdint.h>
#include <sys/queue.h>

/* For a part: none of them has anything. */
#define SPARE_NOBODY UINT32_MAX

struct spare {
	struct account *account; /* NULL: it is in no list */
	uint64_t since;
	void (*give_up)(struct spare *spare);
	TAILQ_ENTRY(spare) entry;  /* of the account's */
	TAILQ_ENTRY(spare) of_all; /* of those of everybody's account */
};

/* Says that something could be given up.  since is the time by any clock that
 * all threads have, no earlier than what was offered before. */
void spare_offer(struct spare *spare, struct account *a, uint64_t since,
    void (*give_up)(struct spare *spare));

/* Takes that back.  May be called twice, and when it was never said. */
void spare_withdraw(struct spare *spare);

/*
 * Whose is the oldest spare of the account, one peer's or everybody's: the
 * number of a part, a->part if it is of this thread; or SPARE_NOBODY.  Of those
 * that are equally old it is the lowest number, so that all threads agree.
 */
uint32_t spare_oldest(const struct account *a);

/* Has the account's oldest spare of this thread given up, which there is. */
void spare_give_up(struct account *a);

#endif
