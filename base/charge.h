/*
 * Who holds how much of what is limited.
 *
 * An account is somebody who holds things: one peer, or all peers together.
 * What is held is a charge: its holder has it, changes its amount, and releases
 * it, and both the peer's account and that of all follow.  Nobody else counts.
 * An account is there as long as anybody has a charge or a reference to it.
 *
 * What a holder could do without, it says by a spare (base/spare).
 *
 * One thread uses the accounts of one total.  Where several threads serve the
 * same peers, each has accounts of its own, and those of one peer share a pot:
 * an account draws from it what it holds, and of memory more than that, by a
 * block of the limit, so that most changes touch nothing that is shared.
 * Without a pot an account is all there is.
 */
#ifndef BASE_CHARGE_H
#define BASE_CHARGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
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

/* Of the memory, all accounts of a pot together may draw one of so many in
 * vain.
 */
enum { CHARGE_BLOCKS = 16 };

/* For a limit: there is none. */
#define CHARGE_ANY UINT64_MAX

struct spare;
TAILQ_HEAD(spare_list, spare);

/* For the age of a pot's oldest spare: there is none. */
#define POT_EMPTY UINT64_MAX

/* What the accounts of several threads draw from, each of them a part. */
struct pot {
	_Atomic uint64_t drawn[CHARGE_KINDS];
	_Atomic uint64_t *oldest; /* spare of each part, since when */
};

struct account {
	struct account *all; /* everybody's; NULL for that itself */
	struct pot *pot;     /* borrowed; NULL: there is none */
	uint64_t held[CHARGE_KINDS];
	uint64_t most[CHARGE_KINDS]; /* that may be held, of the pot if any */
	unsigned int parts;          /* accounts that draw from it, or 1 */
	unsigned int part;           /* the number of this one */
	uint64_t drawn[CHARGE_KINDS];
	uint64_t slack[CHARGE_KINDS]; /* of it, what may be held by nobody */
	unsigned int references;
	void (*gone)(struct account *a); /* nobody has one; may be NULL */
	struct spare_list spares;        /* the oldest first */
};

struct charge {
	struct account *account; /* NULL: nothing is held */
	enum charge_kind kind;
	uint64_t amount;
};

/* An account without limits or charges.  all is borrowed for its life. */
void account_init(
    struct account *a, struct account *all, void (*gone)(struct account *a));

/* A pot for this many parts, from which nothing is drawn.  Returns 0 or
 * -ENOMEM; pot_deinit() either way, which may be called twice. */
int pot_init(struct pot *pot, unsigned int parts);
void pot_deinit(struct pot *pot);

/*
 * Has an account, whose limits are set and which holds nothing, draw from a pot
 * of this many parts as one of them; and gives back what it has drawn, when it
 * holds nothing any more.
 */
void account_share(
    struct account *a, struct pot *pot, unsigned int parts, unsigned int part);
void account_unshare(struct account *a);

/* Somebody has it who holds nothing yet, and not any more. */
void account_hold(struct account *a);
void account_drop(struct account *a);

/* What may still be held, by the account's limit and by that of all. */
uint64_t account_room(const struct account *a, enum charge_kind kind);

/* What is held, by all that draw from the pot if there is one: in truth it may
 * be less, by what other threads have drawn in vain. */
static inline uint64_t
account_held(const struct account *a, enum charge_kind kind)
{
	if (a->pot == NULL)
		return a->held[kind];
	return atomic_load_explicit(
		   &a->pot->drawn[kind], memory_order_relaxed) -
	    (a->drawn[kind] - a->held[kind]);
}

/*
 * Whether this much more may be held, by the limit of this account alone.  What
 * another thread is told by then leaves room for it, until it is charged or
 * forgone.
 */
bool account_admits(struct account *a, enum charge_kind kind, uint64_t amount);

/* The same by that of all as well. */
bool account_may_hold(
    struct account *a, enum charge_kind kind, uint64_t amount);

/* What was asked for in the latter two ways is not charged after all. */
void account_forgo(struct account *a, enum charge_kind kind);

/* Whether so much is held; and whether as much as may be. */
static inline bool
account_has(const struct account *a, enum charge_kind kind, uint64_t amount)
{
	return account_held(a, kind) >= amount;
}

static inline bool
account_is_at_limit(const struct account *a, enum charge_kind kind)
{
	return account_has(a, kind, a->most[kind]);
}

/* Whether all memory it may have is used, and sockets use their eighth of it.
 */
static inline bool
account_is_used_up(const struct account *a)
{
	uint64_t most = a->most[CHARGE_BYTES];

	return account_held(a, CHARGE_BYTES) >= most &&
	    account_held(a, CHARGE_SOCKETS) >= most / CHARGE_SOCKETS_PART;
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

/* Begins to hold an amount, whatever the limits are. */
void charge_take(struct charge *c, struct account *a, enum charge_kind kind,
    uint64_t amount);

/* Ends it.  May be called twice, and when nothing was ever held. */
void charge_release(struct charge *c);

/*
 * From any thread, while somebody has the account: so many bytes are on their
 * way from one thread that draws from its pots to another, as those of a
 * socket that nobody holds yet; and they have arrived.  Without a pot they are
 * not counted.
 */
void account_send(const struct account *a, uint64_t bytes);
void account_receive(const struct account *a, uint64_t bytes);

/* Where others draw as well: brings what is drawn near to what is held, for the
 * account and for that of all. */
void account_draw(struct account *a, enum charge_kind kind);

/* Holds another amount instead. */
static inline void
charge_set(struct charge *c, uint64_t amount)
{
	struct account *a = c->account;

	if (amount == c->amount)
		return;
	a->held[c->kind] += amount - c->amount;
	a->all->held[c->kind] += amount - c->amount;
	c->amount = amount;
	if (a->all->pot != NULL)
		account_draw(a, c->kind);
}

#endif
