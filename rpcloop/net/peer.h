/*
 * Peers: who calls, and what each of them holds and may hold.
 *
 * A peer is this host itself (the loopback), a user at a Unix socket, an IPv4
 * host, or an IPv6 /64.  It is found once: when a connection is made, or when
 * somebody first asks who sent a datagram.  It is there as long as anybody
 * holds anything of it.  Whatever is held is a charge of its account
 * (base/charge). The limits of what peers share are asked of that account: what
 * the peer may hold, and what all may together.  The loopback has the limits of
 * all only.
 *
 * Finding a peer takes the same time however many there are, so that connecting
 * again and again costs no more when few connections are left.
 */
#ifndef RPCLOOP_NET_PEER_H
#define RPCLOOP_NET_PEER_H

#include "base/base.h"
#include "base/charge.h"
#include "base/map.h"
#include "rpcloop/loop/loop.h"
#include "rpcloop/net/address.h"
#include "rpcloop/net/shared_peers.h"

struct connection;
struct peers;

TAILQ_HEAD(peer_list, peer);

enum {
	PEER_SIZES = 32, /* by how many connections it has, 1, 2 or 3, 4 to 7,
			    and so on */
};

struct peer {
	struct account account;
	struct loop_share share; /* of a turn, for its connections */
	struct peers *peers;
	struct address address; /* of any of its hosts */
	struct map_node node;
	/* Of those that it has not called by for long, the first ones. */
	TAILQ_HEAD(, connection) connections;
	int size; /* of the list it is in; -1: none */
	TAILQ_ENTRY(peer) by_size;
};

struct peers {
	struct account all;
	struct peer loopback;
	uint64_t each[CHARGE_KINDS]; /* what any other peer may hold */
	struct map map;
	struct hash_key key;
	struct shared_peers *shared; /* NULL: this loop is the only one */
	struct peer_list by_size[PEER_SIZES];
};

/* Nobody is known, and nothing limited.  Returns 0 or -ENOMEM; peers_deinit()
 * either way. */
int peers_init(struct peers *peers);

/* Has the limits hold for all loops that share them, of which this is one;
 * before anybody is known, and borrowed until peers_deinit(). */
void peers_share(
    struct peers *peers, struct shared_peers *shared, unsigned int loop);

/* Nothing is held any more.  May be called twice. */
void peers_deinit(struct peers *peers);

/* The limits of one kind from now on, for peers that are not known yet. */
void peers_limit(
    struct peers *peers, enum charge_kind kind, uint64_t all, uint64_t each);

/*
 * The peer at an address, for account_drop() of its account.  NULL when memory
 * is out.
 */
struct peer *peer_find(struct peers *peers, const struct address *address);

/* The peer of an account that peer_find() gave. */
static inline struct peer *
peer_of(struct account *a)
{
	return container_of(a, struct peer, account);
}

/* The same for one that is known here already, and not to be dropped; else
 * NULL. */
struct peer *peer_known(struct peers *peers, const struct address *address);

/*
 * Whether memory is short for the peer: all that may be used is, or the peer
 * uses as much as it may.  An eighth of its share is reserved for sockets, so
 * that a peer whose streams fill the rest gets error replies instead of being
 * disconnected.
 */
bool peer_is_short(const struct peer *peer);

/* The number of its connections has changed. */
void peer_resized(struct peer *peer);

/*
 * Whoever has the most connections; where many have nearly as many, one of
 * those.  NULL when nobody has any.
 */
struct peer *peers_largest(const struct peers *peers);

/* Whether the peer may have one more connection, once few are left. */
static inline bool
peer_may_connect(const struct peer *peer)
{
	return account_room(&peer->account, CHARGE_CONNECTIONS) > 0;
}

#endif
