#include "rpcloop/net/peer.h"

#include "base/base.h"

#include <stdlib.h>

/* An eighth of a peer's share of the memory is for its sockets, whatever else
 * it has. */
enum { RESERVED_PART = 8 };

static void
on_gone(struct account *a)
{
	struct peer *peer = container_of(a, struct peer, account);

	map_remove(&peer->peers->map, &peer->node);
	free(peer);
}

int
peers_init(struct peers *peers)
{
	account_init(&peers->all, NULL, NULL);
	account_init(&peers->loopback.account, &peers->all, NULL);
	loop_share_init(&peers->loopback.share);
	peers->loopback.peers = peers;
	for (int kind = 0; kind < CHARGE_KINDS; kind++)
		peers->each[kind] = CHARGE_ANY;
	hash_key_init(&peers->key);
	return map_init(&peers->map);
}

void
peers_deinit(struct peers *peers)
{
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

static struct peer *
make(struct peers *peers, const struct address *address, uint64_t hash)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL)
		return NULL;
	account_init(&peer->account, &peers->all, on_gone);
	for (int kind = 0; kind < CHARGE_KINDS; kind++)
		peer->account.most[kind] = peers->each[kind];
	loop_share_init(&peer->share);
	peer->peers = peers;
	peer->address = *address;
	map_add(&peers->map, &peer->node, hash);
	return peer;
}

struct peer *
peer_find(struct peers *peers, const struct address *address)
{
	struct peer *peer = &peers->loopback;
	uint64_t hash;

	if (!address_is_loopback(address)) {
		hash = address_peer_hash(address, &peers->key);
		peer = look_up(peers, address, hash);
		if (peer == NULL)
			peer = make(peers, address, hash);
	}
	if (peer != NULL)
		account_hold(&peer->account);
	return peer;
}

bool
peer_is_short(const struct peer *peer)
{
	const struct account *a = &peer->account;
	uint64_t share = a->most[CHARGE_BYTES];

	if (a->all->held[CHARGE_BYTES] >= a->all->most[CHARGE_BYTES])
		return true;
	return a->held[CHARGE_BYTES] >= share &&
	    a->held[CHARGE_SOCKETS] >= share / RESERVED_PART;
}
