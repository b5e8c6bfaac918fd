#include "rpcloop/serve/admission.h"

#include "rpcloop/net/connection.h"

#include <stdlib.h>

enum {
	BATCH_SHARE = 16, /* evict a 16th of all at a time */
	SILENT_MS = 1000, /* whoever just connected gets this long to call */
	EVICT_EVERY_MS = 100,
};

static unsigned int
connections_max(const struct admission *a)
{
	return (unsigned int)a->net->peers.all.most[CHARGE_CONNECTIONS];
}

static unsigned int
connections_used(const struct admission *a)
{
	return (unsigned int)a->net->peers.all.held[CHARGE_CONNECTIONS];
}

/* By peer, then those that were silent longest first. */
static int
compare(const void *a, const void *b)
{
	const struct connection *x = *(struct connection *const *)a;
	const struct connection *y = *(struct connection *const *)b;
	int order = address_compare_peer(&x->from, &y->from);

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
		    address_same_peer(&all[start]->from, &all[i]->from))
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
admission_evict(struct admission *a)
{
	unsigned int batch = connections_max(a) / BATCH_SHARE + 1;
	struct connection **all;
	struct connection *c;
	uint64_t now = a->net->loop->now_ms;
	size_t n = 0, first = 0, count;

	/* Those that were killed count until the turn ends. */
	if (now - a->evicted_ms < EVICT_EVERY_MS)
		return;
	all = calloc(connections_used(a), sizeof(*all));
	if (all == NULL)
		return;
	a->evicted_ms = now;
	TAILQ_FOREACH(c, &a->net->connections, entry)
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

/* Whether the peer at an address holds less than it may once few connections
 * are left. */
static bool
has_share(struct admission *a, const struct address *from)
{
	struct peer *peer = peer_find(&a->net->peers, from);
	bool has = peer != NULL && peer_may_connect(peer);

	if (peer != NULL)
		account_drop(&peer->account);
	return has;
}

bool
admission_allows(struct admission *a, const struct address *from)
{
	unsigned int max = connections_max(a);
	unsigned int used = connections_used(a);

	if (used < max - max / 4)
		return true;
	if (used >= max - max / BATCH_SHARE)
		admission_evict(a);
	return used < max && has_share(a, from);
}
