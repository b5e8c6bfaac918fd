#include "rpcloop/serve/admission.h"

#include "base/base.h"
#include "rpcloop/net/connection.h"

enum {
	BATCH_SHARE = 16, /* evict a 16th of all at a time */
	SILENT_MS = 1000, /* whoever just connected gets this long to call */
	EVICT_EVERY_MS = 100,
	TURN_LOOKS = 64, /* at connections that might go */
};

static unsigned int
connections_max(const struct admission *a)
{
	return (unsigned int)a->net->peers.all.most[CHARGE_CONNECTIONS];
}

/* Of those that are to go, what this loop has to find. */
static unsigned int
batch(const struct admission *a)
{
	return connections_max(a) / BATCH_SHARE / a->net->peers.all.parts + 1;
}

/* It has called lately, and so have those after it. */
static bool
is_recent(const struct connection *c, uint64_t now)
{
	return c->active_ms <= c->listed_ms && now - c->active_ms < SILENT_MS;
}

static bool
may_go(const struct connection *c, uint64_t now)
{
	return c->life != CONNECTION_DEAD && connection_is_idle(c) &&
	    c->flow.reading != FLOW_READ_QUEUED &&
	    now - c->active_ms >= SILENT_MS && !flow_has_input(&c->flow);
}

/* Some of the largest peer's, those first that were silent longest. */
static void
evict_some(struct admission *a)
{
	uint64_t now = loop_fair_ms(a->net->loop);
	struct peer *peer = peers_largest(&a->net->peers);
	struct connection *c;

	if (peer == NULL)
		return;
	for (int i = 0; i < TURN_LOOKS && a->wanted > 0 && a->looks > 0; i++) {
		c = TAILQ_FIRST(&peer->connections);
		if (is_recent(c, now)) {
			a->looks = 0;
			break;
		}
		a->looks--;
		connection_list_last(c);
		if (!may_go(c, now))
			continue;
		connection_kill(c, "idle while connections are scarce");
		a->wanted--;
	}
	if (a->wanted > 0 && a->looks > 0)
		loop_put_off(&a->item);
}

static void
on_run(struct loop_item *item, unsigned int reasons)
{
	(void)reasons;
	evict_some(container_of(item, struct admission, item));
}

void
admission_init(struct admission *a, struct net *net, struct loop *loop,
    void (*scarce)(struct admission *a))
{
	*a = (struct admission){ .net = net, .scarce = scarce };
	loop_item_init(&a->item, loop, -1, on_run, NULL);
}

void
admission_deinit(struct admission *a)
{
	if (a->item.loop != NULL)
		loop_forget(&a->item);
	a->item.loop = NULL;
}

void
admission_saw(struct connection *c)
{
	if (c->active_ms > c->listed_ms)
		connection_list_last(c);
}

void
admission_evict(struct admission *a)
{
	uint64_t now = a->net->loop->now_ms;

	/* Those that were killed count until they are gone. */
	if (now - a->evicted_ms < EVICT_EVERY_MS)
		return;
	a->evicted_ms = now;
	a->wanted = batch(a);
	a->looks = (unsigned int)a->net->peers.all.held[CHARGE_CONNECTIONS];
	evict_some(a);
	a->scarce(a);
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
	struct account *all = &a->net->peers.all;
	unsigned int max = connections_max(a);
	unsigned int used = (unsigned int)account_held(all, CHARGE_CONNECTIONS);

	if (used < max - max / 4)
		return true;
	if (used >= max - max / BATCH_SHARE)
		admission_evict(a);
	return has_share(a, from) && account_admits(all, CHARGE_CONNECTIONS, 1);
}
