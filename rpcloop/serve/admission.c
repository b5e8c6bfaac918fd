#include "rpcloop/serve/admission.h"

#include "rpcloop/net/connection.h"

#include <stdlib.h>

enum {
	BATCH_SHARE = 16, /* evict a 16th of all at a time */
	SILENT_MS = 1000, /* whoever just connected gets this long to call */
	EVICT_EVERY_MS = 100,
};

/* By site, then those that were silent longest first. */
static int
compare(const void *a, const void *b)
{
	const struct connection *x = *(struct connection *const *)a;
	const struct connection *y = *(struct connection *const *)b;
	int order = address_compare_site(&x->peer, &y->peer);

	if (order != 0)
		return order;
	return (x->active_ms > y->active_ms) - (x->active_ms < y->active_ms);
}

/* Sets *first and returns the length of the longest run of one site. */
static size_t
largest_site(struct connection **all, size_t n, size_t *first)
{
	size_t longest = 0;
	size_t start = 0;

	for (size_t i = 1; i <= n; i++) {
		if (i < n &&
		    address_same_site(&all[start]->peer, &all[i]->peer))
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
	size_t n = 0, first = 0, count;

	/* Those that were killed count until the turn ends. */
	if (e->now_ms - e->evicted_ms < EVICT_EVERY_MS)
		return;
	all = calloc(e->counters.connections, sizeof(*all));
	if (all == NULL)
		return;
	e->evicted_ms = e->now_ms;
	TAILQ_FOREACH (c, &e->connections, entry)
		all[n++] = c;
	qsort(all, n, sizeof(*all), compare);
	count = largest_site(all, n, &first);
	for (size_t i = first; i < first + count && batch > 0; i++) {
		c = all[i];
		if (c->state == CONNECTION_DEAD || !connection_is_idle(c) ||
		    c->deferred || e->now_ms - c->active_ms < SILENT_MS)
			continue;
		connection_kill(c, "idle while connections are scarce");
		batch--;
	}
	free(all);
}

bool
admission_allows(struct engine *e, const struct address *peer)
{
	unsigned int max = e->limits.connections;
	unsigned int used = e->counters.connections;

	if (used < max - max / 4)
		return true;
	if (used >= max - max / BATCH_SHARE)
		admission_evict(e);
	if (used >= max)
		return false;
	return address_is_loopback(peer) ||
	    sites_held(&e->sites, peer) < max / 4;
}
