#include "rpcloop/net/shared_peers.h"

#include "base/base.h"

#include <errno.h>
#include <stdlib.h>

/* What is shared of one peer. */
struct peer_pot {
	struct pot pot;
	struct address address; /* of any of its hosts */
	struct map_node node;
	unsigned int references;
};

int
shared_peers_init(struct shared_peers *shared, unsigned int loops)
{
	*shared = (struct shared_peers){
		.loops = loops,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	hash_key_init(&shared->key);
	if (pot_init(&shared->all, loops) < 0)
		return -ENOMEM;
	return map_init(&shared->map);
}

void
shared_peers_deinit(struct shared_peers *shared)
{
	map_deinit(&shared->map);
	pot_deinit(&shared->all);
}

static struct peer_pot *
look_up(
    struct shared_peers *shared, const struct address *address, uint64_t hash)
{
	struct map_node *node = map_first(&shared->map, hash);
	struct peer_pot *known;

	for (; node != NULL; node = map_next(node)) {
		known = container_of(node, struct peer_pot, node);
		if (address_same_peer(&known->address, address))
			return known;
	}
	return NULL;
}

static void
end(struct peer_pot *held)
{
	pot_deinit(&held->pot);
	free(held);
}

static struct peer_pot *
make(struct shared_peers *shared, const struct address *address, uint64_t hash)
{
	struct peer_pot *new = calloc(1, sizeof(*new));

	if (new == NULL)
		return NULL;
	if (pot_init(&new->pot, shared->loops) < 0) {
		end(new);
		return NULL;
	}
	new->address = *address;
	map_add(&shared->map, &new->node, hash);
	return new;
}

struct pot *
shared_peers_hold(
    struct shared_peers *shared, const struct address *address, uint64_t hash)
{
	struct peer_pot *found;

	pthread_mutex_lock(&shared->lock);
	found = look_up(shared, address, hash);
	if (found == NULL)
		found = make(shared, address, hash);
	if (found != NULL)
		found->references++;
	pthread_mutex_unlock(&shared->lock);
	return found != NULL ? &found->pot : NULL;
}

void
shared_peers_drop(struct shared_peers *shared, struct pot *pot)
{
	struct peer_pot *held = container_of(pot, struct peer_pot, pot);
	bool last;

	pthread_mutex_lock(&shared->lock);
	last = --held->references == 0;
	if (last)
		map_remove(&shared->map, &held->node);
	pthread_mutex_unlock(&shared->lock);
	if (last)
		end(held);
}
