#include "test/simulation/world.h"

#include "base/base.h"

#include <assert.h>
#include <stdlib.h>

static void
drop(struct world *w, struct packet *p)
{
	timers_set(&w->timers, &p->timer, TIMER_NEVER);
	LIST_REMOVE(p, link);
	free(p->bytes);
	free(p);
}

/* A connection keeps the order, datagrams do not. */
static uint64_t
arrival(struct world *w, struct actor *a, bool is_reply)
{
	uint64_t at = w->now + 1 + rng_below(&w->rng, w->weather.slowest + 1);

	if (a->datagram)
		return at;
	if (at < a->arrives[is_reply])
		at = a->arrives[is_reply];
	a->arrives[is_reply] = at;
	return at;
}

static void
put(struct world *w, const struct packet *like, const char *bytes, u_int len)
{
	struct packet *p = malloc(sizeof(*p));
	uint64_t at;

	assert(p != NULL);
	*p = *like;
	p->bytes = malloc(len > 0 ? len : 1);
	assert(p->bytes != NULL);
	memcpy(p->bytes, bytes, len);
	p->len = len;
	timer_init(&p->timer);
	LIST_INSERT_HEAD(&w->packets, p, link);
	assert(timers_reserve(&w->timers, w->timers.count + 1) == 0);
	/* Packets that are due at the same time go in any order. */
	at = arrival(w, &w->actor[p->client], p->is_reply) << 20;
	timers_set(&w->timers, &p->timer, at | (w->next_id++ & 0xfffff));
}

void
world_cut(struct world *w, struct actor *a)
{
	struct packet end = {
		.world = w,
		.client = a->number,
		.connection = a->connection,
		.closes = true,
	};
	struct packet *p, *next;

	for (p = LIST_FIRST(&w->packets); p != NULL; p = next) {
		next = LIST_NEXT(p, link);
		if (p->connection == a->connection && !p->closes)
			drop(w, p);
	}
	a->cut = true;
	put(w, &end, "", 0);
	end.is_reply = true;
	put(w, &end, "", 0);
}

/* What is sent of a stream. */
static const segment *
piece_of(const struct packet *p, const void *what)
{
	const open_result *opened = what;
	const exchange_result *exchanged = what;

	switch (p->kind) {
	case CLIENT_GREET:
		return NULL;
	case CLIENT_OPEN:
		if (!p->is_reply)
			return &((const open_args *)what)->piece;
		return opened->code != STATUS_OK
		    ? NULL
		    : &opened->open_result_u.started.first_answer.piece;
	case CLIENT_EXCHANGE:
		if (!p->is_reply)
			return &((const exchange_args *)what)->piece;
		return exchanged->code != STATUS_OK
		    ? NULL
		    : &exchanged->exchange_result_u.answered.piece;
	}
	return NULL;
}

/* Longer than what arrives on the path at all. */
static bool
is_too_long(const struct actor *a, const struct packet *p, const void *what)
{
	const segment *piece = piece_of(p, what);

	return a->path > 0 && piece != NULL && world_cost_of(piece) > a->path;
}

void
world_send(
    struct world *w, const struct packet *like, xdrproc_t encode, void *what)
{
	static char bytes[1 << 20];
	struct actor *a = &w->actor[like->client];
	XDR xdr;
	u_int len;

	xdrmem_create(&xdr, bytes, sizeof(bytes), XDR_ENCODE);
	if (!encode(&xdr, what)) {
		world_fail(w, "something that cannot be encoded was sent");
		return;
	}
	len = xdr_getpos(&xdr);
	if (like->connection != a->connection || a->cut)
		return;
	if (!a->datagram && world_fault(w, w->weather.cut)) {
		world_cut(w, a);
		return;
	}
	if (is_too_long(a, like, what) ||
	    (a->datagram && world_fault(w, w->weather.loss)))
		return;
	put(w, like, bytes, len);
	if (a->datagram && world_fault(w, w->weather.doubling))
		put(w, like, bytes, len);
}

void
world_deliver(struct world *w, struct packet *p)
{
	struct packet taken = *p;

	timers_set(&w->timers, &p->timer, TIMER_NEVER);
	LIST_REMOVE(p, link);
	free(p);
	if (taken.closes && taken.is_reply)
		world_lose(w, &w->actor[taken.client]);
	else if (taken.closes)
		world_connection_gone(w, taken.connection);
	else if (taken.is_reply)
		world_hear(w, &taken);
	else
		world_serve(w, &taken);
	free(taken.bytes);
}

void
world_drop_all(struct world *w)
{
	while (!LIST_EMPTY(&w->packets))
		drop(w, LIST_FIRST(&w->packets));
}
