#include "rpcloop/net/peer.h"

#include "base/base.h"

#include <stdlib.h>

enum { LARGEST_LOOKS = 64 }; /* for whoever has the most connections */

static void
on_gone(struct account *a)
{
	struct peer *peer = container_of(a, struct peer, account);
	struct pot *pot = a->pot;

	map_remove(&peer->peers->map, &peer->node);
	account_unshare(a);
	if (pot != NULL)
		shared_peers_drop(peer->peers->shared, pot);
	free(peer);
}

static void
begin(struct peer *peer, struct peers *peers)
{
	peer->peers = peers;
	peer->size = -1;
	loop_share_init(&peer->share);
	TAILQ_INIT(&peer->connections);
}

int
peers_init(struct peers *peers)
{
	account_init(&peers->all, NULL, NULL);
	account_init(&peers->loopback.account, &peers->all, NULL);
	begin(&peers->loopback, peers);
	for (int size = 0; size < PEER_SIZES; size++)
		TAILQ_INIT(&peers->by_size[size]);
	for (int kind = 0; kind < CHARGE_KINDS; kind++)
		peers->each[kind] = CHARGE_ANY;
	hash_key_init(&peers->key);
	return map_init(&peers->map);
}

void
peers_share(struct peers *peers, struct shared_peers *shared, unsigned int loop)
{
	peers->shared = shared;
	peers->key = shared->key;
	account_share(&peers->all, &shared->all, shared->loops, loop);
}

void
peers_deinit(struct peers *peers)
{
	account_unshare(&peers->all);
	map_deinit(&peers->map);
}

void
peers_limit(
    struct peers *peers, enum charge_kind kind, uint64_t all, uint64_t each)
{
	peers->all.most[kind] = all;
	peers->each[kind] = each;
}

static struct peer *
look_up(struct peers *peers, const struct address *address, uint64_t hash)
{
	struct map_node *node = map_first(&peers->map, hash);
	struct peer *peer;

	for (; node != NULL; node = map_next(node)) {
		peer = container_of(node, struct peer, node);
		if (address_same_peer(&peer->address, address))
			return peer;
	}
	return NULL;
}

/* Returns false when memory is out. */
static bool
share(struct peer *peer, struct shared_peers *shared, uint64_t hash)
{
	struct pot *pot = shared_peers_hold(shared, &peer->address, hash);

	if (pot != NULL)
		account_share(&peer->account, pot, shared->loops,
		    peer->account.all->part);
	return pot != NULL;
}

static struct peer *
make(struct peers *peers, const struct address *address, uint64_t hash)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL)
		return NULL;
	account_init(&peer->account, &peers->all, on_gone);
	for (int kind = 0; kind < CHARGE_KINDS; kind++)
		peer->account.most[kind] = peers->each[kind];
	peer->address = *address;
	if (peers->shared != NULL && !share(peer, peers->shared, hash)) {
		free(peer);
		return NULL;
	}
	begin(peer, peers);
	map_add(&peers->map, &peer->node, hash);
	return peer;
}

struct peer *
peer_known(struct peers *peers, const struct address *address)
{
	if (address_is_loopback(address))
		return &peers->loopback;
	return look_up(peers, address, address_peer_hash(address, &peers->key));
}

struct peer *
peer_find(struct peers *peers, const struct address *address)
{
	struct peer *peer = peer_known(peers, address);

	if (peer == NULL)
		peer = make(
		    peers, address, address_peer_hash(address, &peers->key));
	if (peer != NULL)
		account_hold(&peer->account);
	return peer;
}

static uint64_t
connections(const struct peer *peer)
{
	return peer->account.held[CHARGE_CONNECTIONS];
}

void
peer_resized(struct peer *peer)
{
	struct peer_list *lists = peer->peers->by_size;
	uint64_t n = connections(peer);
	int size = n == 0 ? -1 : 63 - __builtin_clzll(n);

	size = MIN_OF(size, PEER_SIZES - 1);
	if (size == peer->size)
		return;
	if (peer->size >= 0)
		TAILQ_REMOVE(&lists[peer->size], peer, by_size);
	if (size >= 0)
		TAILQ_INSERT_TAIL(&lists[size], peer, by_size);
	peer->size = size;
}

struct peer *
peers_largest(const struct peers *peers)
{
	struct peer *peer, *largest = NULL;
	int size = PEER_SIZES - 1, looks = 0;

	while (size > 0 && TAILQ_EMPTY(&peers->by_size[size]))
		size--;
	TAILQ_FOREACH(peer, &peers->by_size[size], by_size) {
		if (largest == NULL || connections(peer) > connections(largest))
			largest = peer;
		if (++looks == LARGEST_LOOKS)
			break;
	}
	return largest;
}

bool
peer_is_short(const struct peer *peer)
{
	const struct account *a = &peer->account;

	return account_is_at_limit(a->all, CHARGE_BYTES) ||
	    account_is_used_up(a);
}
