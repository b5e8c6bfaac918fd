#include "stream/server/streams.h"

#include "base/base.h"
#include "stream/server/parked.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct streams_limits streams_default_limits = {
	.parked = 64,
	.message_max = MESSAGE_MAX,
	.window = 264 * 1024,
	.wait_max_ms = 10000,
	.lease_ms = 60000,
	.unproven_lease_ms = 5000,
	.retry_after_ms = 1000,
	.spool_memory = MESSAGE_MAX,
	.spool_block = 64 * 1024,
	.spool_stream = (uint64_t)8 << 30,
};

int
streams_new(struct streams **out, const struct streams_limits *limits,
    const struct streams_ops *ops, struct disk *disk, void *context)
{
	struct streams *t = calloc(1, sizeof(*t));
	struct stream_world *world;

	if (t == NULL)
		return -ENOMEM;
	world = &t->world;
	world->limits = *limits;
	world->ops = *ops;
	world->disk = disk;
	world->context = context;
	timers_init(&world->timers);
	TAILQ_INIT(&world->ready);
	TAILQ_INIT(&t->open);
	TAILQ_INIT(&t->finished);
	ops->random(context, &t->key, sizeof(t->key));
	world->scratch = calloc(SEGMENT_MAX, sizeof(message));
	if (map_init(&t->by_name) != 0 || map_init(&t->by_nonce) != 0 ||
	    world->scratch == NULL) {
		streams_free(t);
		return -ENOMEM;
	}
	*out = t;
	return 0;
}

struct streams *
streams_free(struct streams *streams)
{
	struct stream *s;

	if (streams == NULL)
		return NULL;
	while ((s = TAILQ_FIRST(&streams->open)) != NULL)
		streams_forget(streams, s);
	while ((s = TAILQ_FIRST(&streams->finished)) != NULL)
		streams_forget(streams, s);
	map_deinit(&streams->by_name);
	map_deinit(&streams->by_nonce);
	timers_deinit(&streams->world.timers);
	free(streams->world.scratch);
	free(streams);
	return NULL;
}

void
streams_enter(struct streams *t, uint64_t now)
{
	t->world.now = now;
	t->world.quantum = CALL_QUANTUM;
	t->world.hurried = true;
}

static uint64_t
word(const char *bytes)
{
	uint64_t w;

	memcpy(&w, bytes, sizeof(w));
	return w;
}

/* The part of a name after the worker is random already. */
static uint64_t
name_hash(const token name)
{
	return word(name + 8);
}

/* A nonce is its peer's: another one that uses it has another stream. */
static uint64_t
nonce_hash(
    const struct streams *t, const struct account *peer, const char *nonce)
{
	uint64_t words[] = { word(nonce), word(nonce + 8), (uintptr_t)peer };

	return hash_bytes(&t->key, words, sizeof(words));
}

static bool
is_zero(const char *nonce)
{
	return word(nonce) == 0 && word(nonce + 8) == 0;
}

struct stream *
streams_find(const struct streams *t, const token name)
{
	struct map_node *node = map_first(&t->by_name, name_hash(name));
	struct stream *s;

	for (; node != NULL; node = map_next(node)) {
		s = container_of(node, struct stream, by_name);
		if (memcmp(s->name, name, sizeof(s->name)) == 0)
			return s;
	}
	return NULL;
}

struct stream *
streams_find_again(
    const struct streams *t, const struct account *peer, const char *nonce)
{
	struct map_node *node =
	    map_first(&t->by_nonce, nonce_hash(t, peer, nonce));
	struct stream *s;

	for (; node != NULL; node = map_next(node)) {
		s = container_of(node, struct stream, by_nonce);
		if (stream_peer(s) == peer &&
		    memcmp(s->nonce, nonce, sizeof(s->nonce)) == 0)
			return s;
	}
	return NULL;
}

void
streams_admit(struct streams *t, struct stream *s)
{
	struct account *peer = stream_peer(s);

	map_add(&t->by_name, &s->by_name, name_hash(s->name));
	if (!is_zero(s->nonce))
		map_add(
		    &t->by_nonce, &s->by_nonce, nonce_hash(t, peer, s->nonce));
	TAILQ_INSERT_TAIL(&t->open, s, life);
	t->open_count++;
	t->world.owing++;
	charge_take(&s->place, peer, CHARGE_STREAMS, 1);
	if (s->unproven)
		charge_take(&s->doubt, peer, CHARGE_UNPROVEN, 1);
	stream_renew(s);
}

static void
forget_nonce(struct streams *t, struct stream *s)
{
	const struct stream_world *world = &t->world;

	map_remove(&t->by_nonce, &s->by_nonce);
	if (world->ops.forgot != NULL)
		world->ops.forgot(world->context, stream_peer(s), s->nonce);
}

void
streams_forget(struct streams *t, struct stream *s)
{
	stream_told(s);
	map_remove(&t->by_name, &s->by_name);
	if (!is_zero(s->nonce))
		forget_nonce(t, s);
	spare_withdraw(&s->spare);
	TAILQ_REMOVE(s->retired ? &t->finished : &t->open, s, life);
	t->open_count -= !s->retired;
	stream_free(s);
}

/* The peer of a finished stream needs what it holds. */
static void
give_up(struct spare *spare)
{
	struct stream *s = container_of(spare, struct stream, spare);

	streams_forget(container_of(s->world, struct streams, world), s);
}

/* The stream has ended: it does not count as open any more. */
static void
retire(struct streams *t, struct stream *s)
{
	struct account *peer = stream_peer(s);

	s->retired = true;
	TAILQ_REMOVE(&t->open, s, life);
	t->open_count--;
	TAILQ_INSERT_TAIL(&t->finished, s, life);
	charge_release(&s->doubt);
	charge_release(&s->place);
	charge_take(&s->place, peer, CHARGE_KEPT, 1);
	spare_offer(&s->spare, peer, t->world.now, give_up);
	streams_keep_few(t, peer->all);
}

void
streams_go_on(struct streams *t, struct stream *s)
{
	stream_work(s);
	parked_deliver(s);
	stream_settle(s);
	if (s->ended && !s->retired)
		retire(t, s);
}

/* Why the messages of a call may not be taken now; NULL if they may. */
static const char *
too_much(struct streams *t, const struct stream *s, const segment *piece)
{
	if (piece->messages.messages_len == 0 || s->ended)
		return NULL;
	return streams_are_short(t, stream_peer(s), s->method->traits->grows);
}

/* Whether a call may wait and has something to wait for.  A pure push has not,
 * nor has one that was not all taken, nor one to a method that answers nothing
 * before the end, unless there is no room for a further one. */
static bool
may_wait(const struct stream *s, const segment *piece,
    const struct stream_call *call)
{
	if (call->at_once)
		return false;
	if (call->wants_room)
		return true;
	if (call->credit == 0 || !stream_took_all(s, piece))
		return false;
	return !s->method->traits->silent || piece->last ||
	    piece->messages.messages_len == 0;
}

/* Whether the window that the client was told last may have been lost.  A
 * method that answers before the end has answers to send again instead. */
static bool
may_have_missed(const struct stream *s, const struct stream_call *call)
{
	return s->method->traits->silent && call->takes_over &&
	    (call->datagram || call->connection != s->connection);
}

void
streams_converse(struct streams *t, struct stream *s, const segment *piece,
    uint32_t wait_ms, struct stream_call *call)
{
	uint64_t now = t->world.now;

	call->credit = piece->window;
	t->world.hurried = !call->at_once;
	if (stream_take(s, piece) != 0) {
		stream_renew(s);
		call_fail(&t->world, call, STATUS_RESOURCE_EXHAUSTED,
		    "out of memory");
		streams_go_on(t, s);
		return;
	}
	/* The window may have opened since, while this call was on its way. */
	call->wants_room = !s->in_closed &&
	    (s->told_full || may_have_missed(s, call) || stream_window(s) == 0);
	if (call->takes_over)
		parked_take_over(s, call);
	call->until = now;
	if (may_wait(s, piece, call))
		call->until += MIN_OF(wait_ms, t->world.limits.wait_max_ms);
	parked_add(s, call);
	streams_go_on(t, s);
	if (call->stream != NULL)
		parked_keep(call);
}

void
streams_call(struct streams *t, struct stream *s, const segment *piece,
    uint32_t wait_ms, struct stream_call *call)
{
	const char *wrong = stream_refuses(s, piece);
	status_code code = STATUS_INVALID_ARGUMENT;

	stream_renew(s);
	if (wrong == NULL) {
		/* Comes first: it may be what makes room for the rest. */
		stream_acknowledge(s, piece->next);
		stream_account(s);
		code = STATUS_RESOURCE_EXHAUSTED;
		wrong = too_much(t, s, piece);
	}
	if (wrong == NULL) {
		streams_converse(t, s, piece, wait_ms, call);
		return;
	}
	call_fail(&t->world, call, code, wrong);
	stream_settle(s);
}

/* The stream was continued: its client has got its name. */
static void
prove(struct stream *s)
{
	charge_release(&s->doubt);
	s->unproven = false;
}

void
streams_exchange(struct streams *streams, uint64_t now,
    const exchange_args *args, struct stream_call *call)
{
	struct stream *s;
	bool ahead = args->ahead && !call->datagram;
	bool pure_push = args->piece.window == 0;

	streams_enter(streams, now);
	call->opens = false;
	call->takes_over = !ahead && !pure_push;
	call->stream = NULL;
	s = streams_find(streams, args->stream);
	if (s == NULL) {
		call_fail(&streams->world, call, STATUS_NOT_FOUND,
		    "no such stream, or no longer");
		return;
	}
	prove(s);
	if (ahead && !pure_push && call->connection != s->connection) {
		stream_renew(s);
		call_fail(&streams->world, call, STATUS_ABORTED,
		    "another connection has taken the stream over");
		stream_settle(s);
		return;
	}
	streams_call(streams, s, &args->piece, args->wait_ms, call);
}

void
streams_cancel(struct streams *streams, uint64_t now, const cancel_args *args)
{
	struct stream *s;

	streams_enter(streams, now);
	s = streams_find(streams, args->stream);
	if (s == NULL)
		return;
	if (s->ended) {
		streams_forget(streams, s);
		return;
	}
	streams->world.ops.spend(
	    streams->world.context, s->parked_count * (size_t)PARKED_COST);
	stream_end_now(s, STATUS_CANCELLED, "cancelled by the client");
	stream_told(s);
	streams_go_on(streams, s);
}

void
streams_call_gone(struct stream_call *call, uint64_t now)
{
	struct stream *s = call->stream;

	if (s == NULL)
		return;
	s->world->now = now;
	parked_remove(call);
	stream_renew(s);
	stream_settle(s);
}
