/*
 * Who holds how much of what is limited.
 *
 * An account is somebody who holds things: one peer, or all peers together.
 * What is held is a charge: its holder has it, changes its amount, and releases
 * it, and both the peer's account and that of all follow.  Nobody else counts.
 * An account is there as long as anybody has a charge or a reference to it.
 *
 * A holder may have things that it could do without, such as a stream that has
 * ended and is kept for a client that asks again.  It says so by a spare, and
 * whoever runs short has the oldest one of the account given up.
 *
 * One thread uses the accounts of one total.
 */
#ifndef BASE_CHARGE_H
#define BASE_CHARGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

enum charge_kind {
	CHARGE_BYTES,   /* of memory: input, output, streams, calls */
	CHARGE_SOCKETS, /* of them, those of sockets: all but streams */
	CHARGE_CONNECTIONS,
	CHARGE_CALLS,    /* whose replies are owed */
	CHARGE_STREAMS,  /* that have not ended */
	CHARGE_UNPROVEN, /* of them, those made over UDP, not continued */
	CHARGE_KEPT,     /* streams that have ended */
	CHARGE_SPOOL,    /* bytes on disk */
	CHARGE_KINDS,
};

/* Of the memory one may have, one of so many is for sockets. */
enum { CHARGE_SOCKETS_PART = 8 };

/* For a limit: there is none. */
#define CHARGE_ANY UINT64_MAX

struct spare;
TAILQ_HEAD(spare_list, spare);

struct account {
	struct account *all; /* everybody's; NULL for that itself */
	uint64_t held[CHARGE_KINDS];
	uint64_t most[CHARGE_KINDS]; /* that may be held */
	unsigned int references;
	void (*gone)(struct account *a); /* nobody has one; may be NULL */
	struct spare_list spares;        /* the oldest first */
};

struct charge {
	struct account *account; /* NULL: nothing is held */
	enum charge_kind kind;
	uint64_t amount;
};

struct spare {
	struct account *account; /* NULL: it is in no list */
	void (*give_up)(struct spare *spare);
	TAILQ_ENTRY(spare) entry;
};

/* An account without limits or charges.  all is borrowed for its life. */
void account_init(
    struct account *a, struct account *all, void (*gone)(struct account *a));

/* Somebody has it who holds nothing yet, and not any more. */
void account_hold(struct account *a);
void account_drop(struct account *a);

/* What may still be held, by the account's limit and by that of all. */
uint64_t account_room(const struct account *a, enum charge_kind kind);

/* Whether all memory it may have is used, and sockets use their eighth of it.
 */
static inline bool
account_is_used_up(const struct account *a)
{
	uint64_t most = a->most[CHARGE_BYTES];

	return a->held[CHARGE_BYTES] >= most &&
	    a->held[CHARGE_SOCKETS] >= most / CHARGE_SOCKETS_PART;
}

/*
 * Whether memory is short for output that a short call asks for: so it is for
 * the account or for all.  An eighth is for sockets whatever else there is, so
 * that what fills memory can be fetched.
 */
static inline bool
account_is_full(const struct account *a)
{
	return account_is_used_up(a) || account_is_used_up(a->all);
}

/*
 * Has the oldest spare of the account given up.  Returns false when there is
 * none.
 */
bool account_give_up(struct account *a);

/* Begins to hold an amount, whatever the limits are. */
void charge_take(struct charge *c, struct account *a, enum charge_kind kind,
    uint64_t amount);

/* Ends it.  May be called twice, and when nothing was ever held. */
void charge_release(struct charge *c);

/* Holds another amount instead. */
static inline void
charge_set(struct charge *c, uint64_t amount)
{
	struct account *a = c->account;

	a->held[c->kind] += amount - c->amount;
	a->all->held[c->kind] += amount - c->amount;
	c->amount = amount;
}

/* Says that something could be given up; the last to be. */
void spare_offer(struct spare *spare, struct account *a,
    void (*give_up)(struct spare *spare));

/* Takes that back.  May be called twice, and when it was never said. */
void spare_withdraw(struct spare *spare);

#endif
