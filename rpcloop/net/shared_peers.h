/*
 * The peers of several loops, each with a thread of its own: what a peer holds
 * on all of them is bounded together.
 *
 * Each loop has peers of its own (rpcloop/net/peer), whose accounts draw from
 * the pots here (base/charge).  A lock is taken when a loop meets a peer, and
 * when that has nothing there any more.  The loopback, which has the limits of
 * all only, has no pot.
 */
#ifndef RPCLOOP_NET_SHARED_PEERS_H
#define RPCLOOP_NET_SHARED_PEERS_H

#include "base/charge.h"
#include "base/hash.h"
#include "base/map.h"
#include "rpcloop/net/address.h"

#include <pthread.h>

struct shared_peers {
	struct pot all;
	unsigned int loops;
	struct hash_key key; /* of peers */
	pthread_mutex_t lock;
	struct map map; /* of pots, under the lock */
};

/* Returns 0 or -ENOMEM; shared_peers_deinit() either way. */
int shared_peers_init(struct shared_peers *shared, unsigned int loops);

/* All loops have ended.  May be called twice. */
void shared_peers_deinit(struct shared_peers *shared);

/*
 * From any thread: the pot of the peer at an address, whose hash is that of its
 * peer by the key, for shared_peers_drop().  NULL when memory is out.
 */
struct pot *shared_peers_hold(
    struct shared_peers *shared, const struct address *address, uint64_t hash);
void shared_peers_drop(struct shared_peers *shared, struct pot *pot);

#endif
