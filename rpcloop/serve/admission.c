#include "rpcloop/serve/admission.h"

#include "rpcloop/net/connection.h"

#include <stdlib.h>

enum {
	BATCH_SHARE = 16, /* evict a 16th of all at a time */
	SILENT_MS = 1000, /* whoever just connected gets this long to call */
	EVICT_EVERY_MS = 100,
};

/* By peer, then those that were silent longest first. */
static int
compare(const void *a, const void *b)
{
	const struct connection *x = *(struct connection *const *)a;
	const struct connection *y = *(struct connection *const *)b;
	int order = address_compare_site(&x->from, &y->from);

	if (order != 0)
		return order;
	return (x->active_ms > y->active_ms) - (x->active_ms < y->active_ms);
}

/* Sets *first and returns the length of the longest run of one peer. */
static size_t
largest_peer(struct connection **all, size_t n, size_t *first)
{
	size_t longest = 0;
	size_t start = 0;

	for (size_t i = 1; i <= n; i++) {
		if (i < n &&
		    address_same_site(&all[start]->from, &all[i]->from))
			continue;
		if (i - start > longest) {
			longest = i - start;
			*first = start;
		}
		start = i;
	}
	return longest;
}

void
admission_evict(struct engine *e)
{
	unsigned int batch = e->limits.connections / BATCH_SHARE + 1;
	struct connection **all;
	struct connection *c;
	uint64_t now = e->loop.now_ms;
	size_t n = 0, first = 0, count;

	/* Those that were killed count until the turn ends. */
	if (now - e->evicted_ms < EVICT_EVERY_MS)
		return;
	all = calloc(engine_connections(e), sizeof(*all));
	if (all == NULL)
		return;
	e->evicted_ms = now;
	TAILQ_FOREACH(c, &e->net.connections, entry)
		all[n++] = c;
	qsort(all, n, sizeof(*all), compare);
	count = largest_peer(all, n, &first);
	for (size_t i = first; i < first + count && batch > 0; i++) {
		c = all[i];
		if (c->life == CONNECTION_DEAD || !connection_is_idle(c) ||
		    c->flow.reading == FLOW_READ_QUEUED ||
		    now - c->active_ms < SILENT_MS)
			continue;
		connection_kill(c, "idle while connections are scarce");
		batch--;
	}
	free(all);
}

/* Whether the peer at an address holds less than it may once connections are
 * scarce. */
static bool
has_share(struct engine *e, const struct address *from)
{
	struct peer *peer = peer_find(&e->net.peers, from);
	bool has = peer != NULL && peer_may_connect(peer);

	if (peer != NULL)
		account_drop(&peer->account);
	return has;
}

bool
admission_allows(struct engine *e, const struct address *from)
{
	unsigned int max = e->limits.connections;
	unsigned int used = engine_connections(e);

	if (used < max - max / 4)
		return true;
	if (used >= max - max / BATCH_SHARE)
		admission_evict(e);
	return used < max && has_share(e, from);
}
