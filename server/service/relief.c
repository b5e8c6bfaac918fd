#include "server/service/relief.h"

#include <string.h>

void
relief_init(struct relief *r, void (*run)(struct inbox_message *message))
{
	*r = (struct relief){
		.message.run = run,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
}

/* Under the lock. */
static void
remember(struct relief *r, const struct address *peer)
{
	for (unsigned int i = 0; i < r->count; i++) {
		if (address_same_peer(&r->peers[i], peer))
			return;
	}
	if (r->count < RELIEF_PEERS)
		r->peers[r->count++] = *peer;
}

void
relief_ask(struct relief *r, struct inbox *inbox, struct account *a)
{
	if (a->all != NULL) {
		pthread_mutex_lock(&r->lock);
		remember(r, &peer_of(a)->address);
		pthread_mutex_unlock(&r->lock);
	}
	inbox_post(inbox, &r->message);
}

void
relief_take(struct relief *r, struct peers *peers,
    void (*give)(void *context, struct account *a), void *context)
{
	struct address asked[RELIEF_PEERS];
	struct peer *peer;
	unsigned int count;

	pthread_mutex_lock(&r->lock);
	count = r->count;
	memcpy(asked, r->peers, count * sizeof(asked[0]));
	r->count = 0;
	pthread_mutex_unlock(&r->lock);
	for (unsigned int i = 0; i < count; i++) {
		peer = peer_known(peers, &asked[i]);
		if (peer == NULL)
			continue;
		/* It may go with the last that it gives up. */
		account_hold(&peer->account);
		give(context, &peer->account);
		account_drop(&peer->account);
	}
	give(context, &peers->all);
}
