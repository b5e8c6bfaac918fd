/*
 * What streams do when all together, or those of a peer, hold as much as they
 * may: those that have ended are forgotten, the oldest first, whichever worker
 * has it.
 */
#include "base/base.h"
#include "stream/server/streams.h"

/* What it costs to forget a stream, beside its memory. */
enum { FORGET_COST = 256 };

/* What all may hold before something may not be taken. */
static uint64_t
most_of(const struct account *all, bool growing)
{
	uint64_t most = all->most[CHARGE_BYTES];

	return growing ? most / 4 * 3 : most;
}

/* Forgets the oldest of the finished streams of one peer, or of all; or asks
 * the worker that has it, and returns false. */
static bool
forget_oldest(struct streams *t, struct account *a)
{
	uint32_t worker = spare_oldest(a);

	if (worker == a->part) {
		spare_give_up(a);
		return true;
	}
	if (worker != SPARE_NOBODY)
		t->world.ops.ask_to_forget(t->world.context, a, worker);
	return false;
}

const char *
streams_are_short(struct streams *t, struct account *peer, bool growing)
{
	struct account *all = peer->all;
	uint64_t most = most_of(all, growing);

	if (!account_has(all, CHARGE_BYTES, most) &&
	    !account_is_at_limit(peer, CHARGE_BYTES))
		return NULL;
	while (account_has(all, CHARGE_BYTES, most) && forget_oldest(t, all))
		continue;
	while (
	    account_is_at_limit(peer, CHARGE_BYTES) && forget_oldest(t, peer))
		continue;
	if (account_has(all, CHARGE_BYTES, most))
		return "the server is short of memory";
	if (account_is_at_limit(peer, CHARGE_BYTES))
		return "this client uses as much memory as it may";
	return NULL;
}

static bool
are_too_many(const struct account *all)
{
	return account_held(all, CHARGE_KEPT) > all->most[CHARGE_KEPT];
}

void
streams_keep_few(struct streams *t, struct account *all)
{
	while (are_too_many(all) && forget_oldest(t, all))
		continue;
}

/* Whether others need what is kept here.  Those that are short of memory count
 * what is drawn here in vain, too. */
static bool
is_wanted(const struct account *a)
{
	uint64_t block = a->most[CHARGE_BYTES] / CHARGE_BLOCKS;

	return are_too_many(a) ||
	    account_has(a, CHARGE_BYTES, most_of(a, a->all == NULL) - block);
}

void
streams_relieve(struct streams *t, struct account *a, uint64_t now)
{
	const uint64_t *held = &a->held[CHARGE_BYTES];
	uint64_t before = *held;
	size_t left = 1;

	streams_enter(t, now);
	while (left > 0 && is_wanted(a) && forget_oldest(t, a)) {
		left = t->world.ops.spend(
		    t->world.context, FORGET_COST + (size_t)(before - *held));
		before = *held;
	}
}
