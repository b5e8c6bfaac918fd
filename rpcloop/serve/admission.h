/*
 * Who may have a connection when few are left.
 *
 * Until three quarters of the connections are in use everybody may connect.
 * From then on no peer (one IPv4 host, one IPv6 /64, one user) may hold more
 * than a quarter of them; the loopback has the limit of all only.  When only a
 * sixteenth is left, the idle connections of the peer that holds most make
 * room, those that were silent longest first: a connection with calls or
 * replies under way, or with input that was not read yet, is never taken.  A
 * sixteenth of all goes at a time, ten times a second at most, and some of them
 * in each turn.
 */
#ifndef RPCLOOP_SERVE_ADMISSION_H
#define RPCLOOP_SERVE_ADMISSION_H

#include "rpcloop/net/net.h"

#include <stdbool.h>
#include <stdint.h>

struct admission {
	struct net *net;     /* borrowed */
	uint64_t evicted_ms; /* when making room last began */
	struct loop_item item;
	void (*scarce)(struct admission *a);
	unsigned int wanted; /* that are to go */
	unsigned int looks;  /* that may be looked at */
};

/* net and loop are borrowed until admission_deinit().  scarce is called when
 * making room begins. */
void admission_init(struct admission *a, struct net *net, struct loop *loop,
    void (*scarce)(struct admission *a));

/* May be called twice. */
void admission_deinit(struct admission *a);

/*
 * Looks after the order in which its peer's connections go: to be called for
 * each of them twice a second.
 */
void admission_saw(struct connection *c);

/*
 * Decides about one more connection.  May kill idle ones, which are gone when
 * the turn ends.  O(1).
 */
bool admission_allows(struct admission *a, const struct address *from);

/* Makes room as above; for when descriptors have run out. */
void admission_evict(struct admission *a);

#endif
