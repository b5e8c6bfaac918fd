/*
 * Sites: how much the peers of one IPv4 host or one IPv6 /64 hold together.
 *
 * A site is there as long as it holds anything.  Finding one takes the same
 * time however many there are, so that connecting again and again costs the
 * engine no more when connections are scarce.
 */
#ifndef RPCLOOP_NET_SITE_H
#define RPCLOOP_NET_SITE_H

#include "rpcloop/net/address.h"

#include <stdint.h>
#include <sys/queue.h>

enum { SITE_BUCKETS = 1024 };

struct site {
	struct address address; /* of any peer there */
	unsigned int connections;
	size_t memory; /* of their input and output */
	TAILQ_ENTRY(site) entry;
};

TAILQ_HEAD(site_list, site);

struct sites {
	struct hash_key key;
	struct site_list buckets[SITE_BUCKETS];
};

/* An empty table, which takes no memory. */
void sites_init(struct sites *s);

/* The connections that the peer's site holds. */
unsigned int sites_held(const struct sites *s, const struct address *peer);

/* Counts one more; returns the site, or NULL when memory is out. */
struct site *site_hold(struct sites *s, const struct address *peer);

/* Counts one less, and frees a site that holds nothing any more. */
void site_release(struct sites *s, struct site *site);

#endif
