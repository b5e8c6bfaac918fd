#include "rpcloop/serve/engine.h"

#include "rpcloop/net/connection.h"
#include "rpcloop/net/datagram.h"

#include <errno.h>

enum {
	SWEEP_MS = 500,
	MEMORY_PART = 8,      /* of the memory one peer may have one of 8, */
	CONNECTIONS_PART = 4, /* and of the connections one of 4 */
};

const struct engine_limits engine_default_limits = {
	.net = {
		.record = {
			.bytes = 1024 * 1024 + 128 * 1024,
			.fragments = 16384,
			.empty_fragments = 64,
		},
		.calls_in_flight = 1024,
		.output_bytes = 4 * 1024 * 1024,
		.turn_calls = 256,
		.turn_bytes = 256 * 1024,
	},
	.connections = 16384,
	.memory_bytes = 512 * 1024 * 1024,
	.turn_bytes = 512 * 1024,
	.turn_ns = LOOP_TURN_NS,
	.time = {
		.record_ms = 10 * 1000,
		.write_ms = 30 * 1000,
		.idle_ms = 10 * 60 * 1000,
		.linger_ms = 1000,
	},
};

static void
on_accepted(struct net *net, int *fd, const struct address *from)
{
	struct engine *e = engine_of_net(net);

	if (e->crew != NULL)
		e->crew->accepted(e, fd, from);
	else
		listener_admit(net, fd, from);
}

static bool
on_admit(struct net *net, const struct address *from)
{
	return admission_allows(&engine_of_net(net)->admission, from);
}

static void
on_shortage(struct net *net)
{
	admission_evict(&engine_of_net(net)->admission);
}

/* Tells whoever drains, once, that nothing is left. */
static void
on_gone(struct net *net)
{
	struct engine *e = engine_of_net(net);
	void (*drained)(void *arg) = e->drained;

	if (e->crew != NULL)
		e->crew->gone(e);
	if (drained == NULL || !TAILQ_EMPTY(&e->listeners) ||
	    !TAILQ_EMPTY(&net->connections) || !TAILQ_EMPTY(&net->datagrams))
		return;
	e->drained = NULL;
	drained(e->drained_arg);
}

static void
on_scarce(struct admission *a)
{
	struct engine *e = container_of(a, struct engine, admission);

	if (e->crew != NULL)
		e->crew->scarce(e);
}

static const struct net_ops net_ops = {
	.accepted = on_accepted,
	.admits = on_admit,
	.make_room = on_shortage,
	.gone = on_gone,
};

/* Looks at some connections, one at least, and goes on later where there are
 * many. */
static void
sweep_connections(struct engine *e)
{
	struct connection *c;

	do {
		c = TAILQ_FIRST(&e->net.connections);
		if (c == NULL || e->unswept == 0)
			return;
		TAILQ_REMOVE(&e->net.connections, c, entry);
		TAILQ_INSERT_TAIL(&e->net.connections, c, entry);
		e->unswept--;
		admission_saw(c);
		deadlines_check(c, &e->limits.time);
		loop_spend(&e->loop, NET_CALL_BYTES);
	} while (!loop_is_spent(&e->loop));
	if (e->unswept > 0)
		loop_put_off(&e->sweep);
}

static void
on_sweep(struct loop_item *item, unsigned int reasons)
{
	struct engine *e = container_of(item, struct engine, sweep);
	struct datagram *d;
	struct listener *l;

	if (!(reasons & LOOP_DUE)) {
		sweep_connections(e);
		return;
	}
	loop_due(&e->sweep, e->loop.now_ms + SWEEP_MS);
	e->unswept = engine_connections(e);
	sweep_connections(e);
	/* Memory may have been short to watch them. */
	TAILQ_FOREACH(d, &e->net.datagrams, entry)
		loop_settle(&d->item);
	TAILQ_FOREACH(l, &e->listeners, entry)
		listener_resume(l);
}

static void
close_listener(struct engine *e, struct listener *l)
{
	TAILQ_REMOVE(&e->listeners, l, entry);
	listener_free(l);
}

/*
 * The first part of a drain.  Whoever is in the queue of a listener is
 * connected, and may have called: taken in, in turns, before the listeners and
 * then the connections end.
 */
static void
end(struct engine *e)
{
	struct listener *l;
	struct connection *c;

	while ((l = TAILQ_FIRST(&e->listeners)) != NULL) {
		if (listener_accept_waiting(l)) {
			loop_put_off(&e->ending);
			return;
		}
		close_listener(e, l);
	}
	TAILQ_FOREACH(c, &e->net.connections, entry)
		connection_finish(c);
	on_gone(&e->net);
}

static void
on_ending(struct loop_item *item, unsigned int reasons)
{
	(void)reasons;
	end(container_of(item, struct engine, ending));
}

static void
set_limits(struct engine *e)
{
	struct peers *peers = &e->net.peers;
	uint64_t memory = e->limits.memory_bytes;
	unsigned int connections = e->limits.connections;

	peers_limit(peers, CHARGE_BYTES, memory, memory / MEMORY_PART);
	peers_limit(peers, CHARGE_CONNECTIONS, connections,
	    connections / CONNECTIONS_PART);
}

int
engine_init(struct engine *e, const struct engine_limits *limits,
    bool (*record)(
	void *owner, struct connection *c, uint8_t *body, size_t len),
    void *owner)
{
	int r;

	*e = (struct engine){ .limits = *limits };
	TAILQ_INIT(&e->listeners);
	e->net.reserve_fd = -1;
	r = loop_init(&e->loop, limits->turn_bytes);
	e->loop.budget_ns = limits->turn_ns;
	if (r == 0)
		r = net_init(&e->net, &e->loop, &limits->net, &net_ops);
	admission_init(&e->admission, &e->net, &e->loop, on_scarce);
	loop_item_init(&e->ending, &e->loop, -1, on_ending, NULL);
	loop_item_init(&e->sweep, &e->loop, -1, on_sweep, NULL);
	if (r == 0)
		r = loop_timed(&e->sweep);
	if (r < 0) {
		engine_deinit(e);
		return r;
	}
	e->net.record = record;
	e->net.owner = owner;
	set_limits(e);
	loop_due(&e->sweep, e->loop.now_ms + SWEEP_MS);
	return 0;
}

void
engine_deinit(struct engine *e)
{
	struct listener *l;
	struct connection *c;
	struct datagram *d;

	while ((l = TAILQ_FIRST(&e->listeners)) != NULL)
		close_listener(e, l);
	e->drained = NULL;
	while ((c = TAILQ_FIRST(&e->net.connections)) != NULL)
		connection_close(c);
	while ((d = TAILQ_FIRST(&e->net.datagrams)) != NULL)
		datagram_close(d);
	loop_forget(&e->sweep);
	loop_forget(&e->ending);
	admission_deinit(&e->admission);
	net_deinit(&e->net);
	loop_deinit(&e->loop);
}

int
engine_run(struct engine *e)
{
	return loop_run(&e->loop);
}

void
engine_stop(struct engine *e)
{
	loop_stop(&e->loop);
}

/* Takes a new listener over, unless there is none. */
static int
adopt(struct engine *e, int r, struct listener *l, struct listener **out)
{
	if (r < 0)
		return r;
	TAILQ_INSERT_TAIL(&e->listeners, l, entry);
	if (out != NULL)
		*out = l;
	return 0;
}

int
engine_listen(
    struct engine *e, const struct address *address, struct listener **out)
{
	struct listener *l;
	int r = listener_open(&l, &e->net, address);

	return adopt(e, r, l, out);
}

int
engine_listen_file(struct engine *e, const char *path,
    const struct socket_file_access *access, struct listener **out)
{
	struct listener *l;
	int r = listener_open_file(&l, &e->net, path, access);

	return adopt(e, r, l, out);
}

void
engine_drain(struct engine *e, void (*drained)(void *arg), void *arg)
{
	struct datagram *d;

	e->draining = true;
	e->drained = drained;
	e->drained_arg = arg;
	TAILQ_FOREACH(d, &e->net.datagrams, entry)
		datagram_finish(d);
	end(e);
}
