#include "rpcloop/net/site.h"

#include <stdlib.h>

void
sites_init(struct sites *s)
{
	for (size_t i = 0; i < SITE_BUCKETS; i++)
		TAILQ_INIT(&s->buckets[i]);
	hash_key_init(&s->key);
}

static size_t
bucket_of(const struct sites *s, const struct address *peer)
{
	return address_site_hash(peer, &s->key) % SITE_BUCKETS;
}

static struct site *
find(const struct sites *s, const struct address *peer)
{
	struct site *site;

	TAILQ_FOREACH (site, &s->buckets[bucket_of(s, peer)], entry) {
		if (address_same_site(&site->address, peer))
			break;
	}
	return site;
}

unsigned int
sites_held(const struct sites *s, const struct address *peer)
{
	const struct site *site = find(s, peer);

	return site == NULL ? 0 : site->connections;
}

struct site *
site_hold(struct sites *s, const struct address *peer)
{
	struct site *site = find(s, peer);

	if (site == NULL) {
		site = calloc(1, sizeof(*site));
		if (site == NULL)
			return NULL;
		site->address = *peer;
		TAILQ_INSERT_HEAD(&s->buckets[bucket_of(s, peer)], site, entry);
	}
	site->connections++;
	return site;
}

void
site_release(struct sites *s, struct site *site)
{
	if (--site->connections > 0)
		return;
	TAILQ_REMOVE(&s->buckets[bucket_of(s, &site->address)], site, entry);
	free(site);
}
