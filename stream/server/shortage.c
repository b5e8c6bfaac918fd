/* What streams do when all together hold as much as they may. */
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

/* Forgets finished streams, the oldest first, while all hold so much. */
static void
forget_finished(struct streams *t, const struct account *all, uint64_t most)
{
	while (
	    account_has(all, CHARGE_BYTES, most) && !TAILQ_EMPTY(&t->finished))
		streams_forget(t, TAILQ_FIRST(&t->finished));
}

static void
tell_others(const struct streams *t)
{
	if (t->world.ops.is_short != NULL)
		t->world.ops.is_short(t->world.context);
}

const char *
streams_are_short(struct streams *t, struct account *peer, bool growing)
{
	struct account *all = peer->all;
	uint64_t most = most_of(all, growing);

	if (!account_has(all, CHARGE_BYTES, most) &&
	    !account_is_at_limit(peer, CHARGE_BYTES))
		return NULL;
	forget_finished(t, all, most);
	while (account_is_at_limit(peer, CHARGE_BYTES) && account_give_up(peer))
		continue;
	if (account_has(all, CHARGE_BYTES, most)) {
		tell_others(t);
		return "the server is short of memory";
	}
	if (account_is_at_limit(peer, CHARGE_BYTES))
		return "this client uses as much memory as it may";
	return NULL;
}

/* Whether all keep more finished streams than they may, and this worker more
 * than an equal part of that, which is one at least. */
static bool
keeps_too_many(const struct account *all)
{
	uint64_t most = all->most[CHARGE_KEPT], part = most;

	if (all->parts > 1)
		part = MAX_OF(most / all->parts, UINT64_C(1));
	return account_held(all, CHARGE_KEPT) > most &&
	    all->held[CHARGE_KEPT] > part;
}

void
streams_keep_few(struct streams *t, const struct account *all)
{
	if (keeps_too_many(all))
		streams_forget(t, TAILQ_FIRST(&t->finished));
	else if (account_held(all, CHARGE_KEPT) > all->most[CHARGE_KEPT])
		tell_others(t);
}

/* Whether others need what is kept here.  Those that are short of memory count
 * what is drawn here in vain, too. */
static bool
is_wanted(const struct account *all)
{
	uint64_t block = all->most[CHARGE_BYTES] / CHARGE_BLOCKS;

	return keeps_too_many(all) ||
	    account_has(all, CHARGE_BYTES, most_of(all, true) - block);
}

void
streams_relieve(struct streams *t, uint64_t now)
{
	struct stream *oldest;
	size_t left = 1;

	streams_enter(t, now);
	while (left > 0 && (oldest = TAILQ_FIRST(&t->finished)) != NULL &&
	    is_wanted(stream_peer(oldest)->all)) {
		left = t->world.ops.spend(t->world.context,
		    FORGET_COST + (size_t)oldest->bytes.amount);
		streams_forget(t, oldest);
	}
}
