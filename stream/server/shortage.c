/* What streams do when memory is short. */
#include "stream/server/streams.h"

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
		if (t->world.ops.is_short != NULL)
			t->world.ops.is_short(t->world.context);
		return "the server is short of memory";
	}
	if (account_is_at_limit(peer, CHARGE_BYTES))
		return "this client uses as much memory as it may";
	return NULL;
}

void
streams_relieve(struct streams *t, uint64_t now)
{
	const struct stream *oldest = TAILQ_FIRST(&t->finished);
	const struct account *all;

	if (oldest == NULL)
		return;
	all = stream_peer(oldest)->all;
	streams_enter(t, now);
	/* Whoever is short counts what is drawn here in vain, too. */
	forget_finished(t, all,
	    most_of(all, true) - all->most[CHARGE_BYTES] / CHARGE_BLOCKS);
}
