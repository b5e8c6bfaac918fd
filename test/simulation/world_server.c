#include "test/simulation/world.h"

#include "base/base.h"
#include "stream/segment.h"
#include "test/lib/invariants.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* One that was not kept is its caller's. */
static void
finish(struct served *served)
{
	if (!served->kept)
		return;
	LIST_REMOVE(served, link);
	free(served);
}

/* What holds for every answer, whatever the stream. */
static void
check_answer(struct served *served, const answer *a)
{
	struct world *w = served->world;
	const segment *piece = &a->piece;
	size_t cost = world_cost_of(piece), credit = served->call.credit;

	if ((piece->last != 0) != (a->end != NULL))
		world_fail(w, "an end without last, or last without the end");
	if (credit == 0 && cost > 0)
		world_fail(w, "a pure push was answered with messages");
	if (cost > credit && piece->messages.messages_len > 1)
		world_fail(w, "an answer beyond the credit");
	if (cost > served->call.room)
		world_fail(w, "an answer that no reply can carry");
	if (served->call.takes_over && piece->first < served->next)
		world_fail(w, "a takeover is answered from before its next");
	if (cost > w->limits.window + message_cost(w->limits.message_max))
		world_fail(w, "an answer larger than the memory of a stream");
}

static bool
reply(struct served *served, xdrproc_t encode, void *result)
{
	struct packet p = {
		.world = served->world,
		.client = served->client,
		.connection = served->connection,
		.xid = served->xid,
		.is_reply = true,
	};

	p.kind = served->opens ? CLIENT_OPEN : CLIENT_EXCHANGE;
	world_send(served->world, &p, encode, result);
	finish(served);
	return true;
}

static bool
answer_open(struct stream_call *call, open_result *result)
{
	struct served *served = container_of(call, struct served, call);

	if (!served->opens)
		world_fail(served->world, "an EXCHANGE answered as an OPEN");
	if (result->code == STATUS_OK)
		check_answer(
		    served, &result->open_result_u.started.first_answer);
	return reply(served, (xdrproc_t)xdr_open_result, result);
}

static bool
answer_exchange(struct stream_call *call, exchange_result *result)
{
	struct served *served = container_of(call, struct served, call);

	if (served->opens)
		world_fail(served->world, "an OPEN answered as an EXCHANGE");
	if (result->code == STATUS_OK)
		check_answer(served, &result->exchange_result_u.answered);
	return reply(served, (xdrproc_t)xdr_exchange_result, result);
}

static void
fill_random(void *context, void *bytes, size_t len)
{
	struct world *w = context;

	rng_fill(&w->rng, bytes, len);
}

static struct stream_call *
keep(struct stream_call *call)
{
	const struct served *served = container_of(call, struct served, call);
	struct world *w = served->world;
	struct served *kept;

	if (served->kept)
		world_fail(w, "a call is to be kept twice");
	if (rng_once_in(&w->rng, w->keepless))
		return NULL;
	kept = malloc(sizeof(*kept));
	assert(kept != NULL);
	*kept = *served;
	kept->kept = true;
	LIST_INSERT_HEAD(&w->served, kept, link);
	return &kept->call;
}

static size_t
spend(void *context, size_t bytes)
{
	struct world *w = context;

	w->left -= MIN_OF(bytes, w->left);
	return w->left;
}

static const struct streams_ops ops = {
	.answer_open = answer_open,
	.answer_exchange = answer_exchange,
	.keep = keep,
	.random = fill_random,
	.spend = spend,
};

void
world_start_server(struct world *w)
{
	int r;

	r = streams_new(&w->streams, &w->limits, &ops, &w->disk.disk, w);
	assert(r == 0);
	(void)r;
}

/* Withdraws what waits and forgets all streams, as when a process dies. */
void
world_stop_server(struct world *w)
{
	struct served *served;

	while ((served = LIST_FIRST(&w->served)) != NULL) {
		streams_call_gone(&served->call, w->now);
		finish(served);
	}
	w->streams = streams_free(w->streams);
	while (w->disk.jobs > 0) {
		w->disk.now = UINT64_MAX - 1;
		w->disk.disk.poll(&w->disk.disk);
	}
	w->disk.now = w->now;
	if (w->disk.files > 0)
		world_fail(w, "a spool file was left behind");
	if (w->all.held[CHARGE_BYTES] != w->elsewhere.amount)
		world_fail(w, "memory is held of streams that have gone");
	for (int kind = CHARGE_BYTES + 1; kind < CHARGE_KINDS; kind++)
		if (w->all.held[kind] != 0)
			world_fail(w, "something is held by nobody");
}

void
world_connection_gone(struct world *w, uint64_t connection)
{
	struct served *served, *next;

	for (served = LIST_FIRST(&w->served); served != NULL; served = next) {
		next = LIST_NEXT(served, link);
		if (served->connection != connection)
			continue;
		streams_call_gone(&served->call, w->now);
		finish(served);
	}
}

static void
greet(struct world *w, const struct packet *p)
{
	greet_result result = { .code = STATUS_OK };
	greeting *hello = &result.greet_result_u.hello;
	struct packet to = *p;
	char release[16];

	hello->release.release_len = (u_int)snprintf(
	    release, sizeof(release), "0.%u.%u", w->line, w->update);
	hello->release.release_val = release;
	hello->window = w->limits.window;
	hello->message_max = w->limits.message_max;
	hello->datagram_max = w->datagram_max;
	hello->lease_ms = w->limits.lease_ms;
	to.is_reply = true;
	world_send(w, &to, (xdrproc_t)xdr_greet_result, &result);
}

static void
accept_call(struct world *w, struct served *served, const struct packet *p)
{
	const struct actor *a = &w->actor[p->client];

	memset(served, 0, sizeof(*served));
	served->world = w;
	served->client = p->client;
	served->connection = p->connection;
	served->xid = p->xid;
	served->opens = p->kind == CLIENT_OPEN;
	served->call.connection = p->connection;
	served->call.peer = &w->peers[a->number];
	served->call.room = UINT32_MAX;
	served->call.datagram = a->datagram;
	if (a->datagram)
		served->call.room = (uint32_t)message_cost(w->datagram_max);
}

static void
set_patience(struct world *w, struct served *served, uint32_t wait_ms)
{
	served->answer_by = w->now + MIN_OF(wait_ms, w->limits.wait_max_ms);
}

void
world_serve(struct world *w, const struct packet *p)
{
	open_args opened = { 0 };
	exchange_args exchanged = { 0 };
	struct served on_stack, *served = &on_stack;
	XDR xdr;

	if (p->kind == CLIENT_GREET) {
		greet(w, p);
		return;
	}
	accept_call(w, served, p);
	xdrmem_create(&xdr, p->bytes, p->len, XDR_DECODE);
	if (served->opens) {
		assert(xdr_open_args(&xdr, &opened));
		set_patience(w, served, opened.wait_ms);
		served->next = opened.piece.next;
		/* Over UDP an answer to OPEN is no longer than the call. */
		if (served->call.datagram)
			served->call.room =
			    (uint32_t)world_cost_of(&opened.piece);
		streams_open(w->streams, w->now, &opened, &served->call);
		xdr_free((xdrproc_t)xdr_open_args, (char *)&opened);
	} else {
		assert(xdr_exchange_args(&xdr, &exchanged));
		set_patience(w, served, exchanged.wait_ms);
		served->next = exchanged.piece.next;
		streams_exchange(w->streams, w->now, &exchanged, &served->call);
		xdr_free((xdrproc_t)xdr_exchange_args, (char *)&exchanged);
	}
}

void
world_check_server(struct world *w)
{
	const char *broken = invariants_broken(
	    w->streams, &w->all, w->elsewhere.amount, w->disk.jobs > 0);
	const struct served *served;

	if (broken != NULL)
		world_fail(w, broken);
	LIST_FOREACH(served, &w->served, link)
		if (served->answer_by < w->now)
			world_fail(w, "a call was not answered in time");
}
