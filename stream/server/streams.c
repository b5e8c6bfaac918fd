#include "stream/server/streams.h"

#include "base/base.h"
#include "stream/server/opening.h"
#include "stream/server/parked.h"
#include "stream/server/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What one stream does before the next one has a turn. */
#define QUANTUM ((int64_t)65536)

/* Calls that come in the same millisecond share the work of a turn. */
static void
enter(struct streams *t, uint64_t now)
{
	if (now != t->world.now)
		t->world.budget = (int64_t)t->world.limits.turn_bytes;
	t->world.now = now;
}

/* Why the messages of a call may not be taken now; NULL if they may. */
static const char *
too_much(struct streams *t, const struct stream *s, const segment *piece,
    const struct stream_call *call)
{
	size_t memory = t->world.limits.memory;

	if (piece->messages.messages_len == 0 || s->ended)
		return NULL;
	return table_is_short(t, s->client, call->held,
	    s->method->traits->grows ? memory / 4 * 3 : memory);
}

/*
 * Whether a call may wait and has something to wait for.  A pure push has not,
 * and neither has a push to a method that answers nothing before the end,
 * unless there is no room for a further one.
 */
static bool
may_wait(const struct stream *s, const segment *piece,
    const struct stream_call *call)
{
	if (call->hurried)
		return false;
	if (call->wants_room)
		return true;
	if (call->credit == 0)
		return false;
	return !s->method->traits->silent || piece->last ||
	    piece->messages.messages_len == 0;
}

/* The two pieces of one call: takes the client's and has it answered. */
static void
converse(struct streams *t, struct stream *s, const segment *piece,
    uint32_t wait_ms, struct stream_call *call)
{
	uint64_t now = t->world.now;

	call->credit = piece->window;
	if (stream_take(s, piece) != 0) {
		stream_renew(s);
		call_fail(&t->world, call, STATUS_RESOURCE_EXHAUSTED,
		    "out of memory");
		table_go_on(t, s);
		return;
	}
	if (call->takes_over)
		parked_take_over(s, call);
	/* The window may have opened since, while this call was on its way. */
	call->wants_room =
	    !s->in_closed && (s->told_full || stream_window(s) == 0);
	call->until = now;
	if (may_wait(s, piece, call))
		call->until += MIN_OF(wait_ms, t->world.limits.wait_max_ms);
	parked_add(s, call);
	table_go_on(t, s);
}

/* Makes the stream of a client that is known and counted. */
static void
open_for(struct streams *t, struct stream_client *client, const open_args *args,
    struct stream_call *call)
{
	const char *wrong = table_is_full(t, client, call);
	struct stream *s = NULL;

	if (wrong == NULL &&
	    timers_reserve(&t->world.timers,
		(size_t)t->open_count + t->finished_count + 1) == 0)
		s = stream_new(&t->world, client, args, call);
	if (s == NULL) {
		directory_release(&t->directory, client);
		call_fail(&t->world, call, STATUS_RESOURCE_EXHAUSTED,
		    wrong != NULL ? wrong : "out of memory");
		return;
	}
	wrong = stream_refuses(s, &args->piece);
	if (wrong != NULL) {
		stream_free(s);
		directory_release(&t->directory, client);
		call_fail(&t->world, call, STATUS_INVALID_ARGUMENT, wrong);
		return;
	}
	table_admit(t, s);
	converse(t, s, &args->piece, args->wait_ms, call);
}

static void
open_new(struct streams *t, const open_args *args, struct stream_call *call)
{
	const char *wrong = opening_refuses(args);
	struct stream_client *client;

	if (wrong != NULL) {
		call_fail(&t->world, call, STATUS_INVALID_ARGUMENT, wrong);
		return;
	}
	if (t->draining) {
		call_fail(&t->world, call, STATUS_UNAVAILABLE,
		    "the server is going away");
		return;
	}
	client = directory_client(&t->directory, call->client);
	if (client == NULL)
		call_fail(&t->world, call, STATUS_RESOURCE_EXHAUSTED,
		    "out of memory");
	else
		open_for(t, client, args, call);
}

/* The stream was continued: its client has got its name. */
static void
prove(struct streams *t, struct stream *s)
{
	if (s->unproven && !s->retired)
		t->unproven_count--;
	s->unproven = false;
}

/* A call of a stream that is known; refuses what breaks the rules. */
static void
call_known(struct streams *t, struct stream *s, const segment *piece,
    uint32_t wait_ms, struct stream_call *call)
{
	const char *wrong = stream_refuses(s, piece);
	status_code code = STATUS_INVALID_ARGUMENT;

	stream_renew(s);
	if (wrong == NULL) {
		/* Comes first: it may be what makes room for the rest. */
		stream_acknowledge(s, piece->next);
		stream_settle(s);
		code = STATUS_RESOURCE_EXHAUSTED;
		wrong = too_much(t, s, piece, call);
	}
	if (wrong == NULL) {
		converse(t, s, piece, wait_ms, call);
		return;
	}
	call_fail(&t->world, call, code, wrong);
	stream_settle(s);
}

void
streams_open(struct streams *streams, uint64_t now, const open_args *args,
    struct stream_call *call)
{
	struct stream *s;

	enter(streams, now);
	call->opens = true;
	call->takes_over = args->piece.window > 0;
	call->stream = NULL;
	s = directory_by_nonce(&streams->directory, call->client, args->nonce);
	if (s == NULL) {
		open_new(streams, args, call);
	} else if (opening_repeats(s, args)) {
		/* Two hosts have its token: neither is where it must be. */
		if (call->host != s->opener)
			s->opener = STREAMS_NOWHERE;
		/* On a new connection nothing of the old one arrives. */
		if (call->connection != s->connection)
			call->takes_over = true;
		call_known(streams, s, &args->piece, args->wait_ms, call);
	} else {
		call_fail(&streams->world, call, STATUS_ALREADY_EXISTS,
		    "the nonce names another stream");
	}
}

void
streams_exchange(struct streams *streams, uint64_t now,
    const exchange_args *args, struct stream_call *call)
{
	struct stream *s;
	bool ahead = args->ahead && !call->datagram;
	bool pure_push = args->piece.window == 0;

	enter(streams, now);
	call->opens = false;
	call->takes_over = !ahead && !pure_push;
	call->stream = NULL;
	s = directory_by_name(&streams->directory, args->stream);
	if (s == NULL) {
		call_fail(&streams->world, call, STATUS_NOT_FOUND,
		    "no such stream, or no longer");
		return;
	}
	prove(streams, s);
	if (ahead && !pure_push && call->connection != s->connection) {
		stream_renew(s);
		call_fail(&streams->world, call, STATUS_ABORTED,
		    "another connection has taken the stream over");
		stream_settle(s);
		return;
	}
	call_known(streams, s, &args->piece, args->wait_ms, call);
}

void
streams_cancel(struct streams *streams, uint64_t now, const cancel_args *args)
{
	struct stream *s;

	enter(streams, now);
	s = directory_by_name(&streams->directory, args->stream);
	if (s == NULL)
		return;
	if (s->ended) {
		table_forget(streams, s);
		return;
	}
	stream_end_now(s, STATUS_CANCELLED, "cancelled by the client");
	stream_told(s);
	table_go_on(streams, s);
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

uint16_t
streams_token_worker(const token stream)
{
	return (
	    uint16_t)((unsigned char)stream[0] << 8 | (unsigned char)stream[1]);
}

bool
streams_opened_by(
    const struct streams *streams, const token stream, uint64_t host)
{
	const struct stream *s = directory_by_name(&streams->directory, stream);

	return s != NULL && s->opener == host;
}

uint64_t
streams_next_due(const struct streams *streams)
{
	const struct timer *first = timers_first(&streams->world.timers);

	return first != NULL ? first->due : TIMER_NEVER;
}

void
streams_tick(struct streams *streams, uint64_t now)
{
	struct timer *first;
	struct stream *s;

	while ((first = timers_first(&streams->world.timers)) != NULL &&
	    first->due <= now) {
		s = container_of(first, struct stream, timer);
		enter(streams, now);
		if (s->parked_count == 0 && s->lease_until <= now) {
			table_forget(streams, s);
			continue;
		}
		if (s->deadline <= now)
			stream_end_now(s, STATUS_DEADLINE_EXCEEDED,
			    "the deadline of the stream has passed");
		table_go_on(streams, s);
	}
}

bool
streams_has_work(const struct streams *streams)
{
	return !TAILQ_EMPTY(&streams->world.ready);
}

void
streams_work(struct streams *streams, uint64_t now)
{
	struct stream_world *world = &streams->world;
	int64_t left = (int64_t)world->limits.turn_bytes, quantum;
	struct stream *s;

	world->now = now;
	while (left > 0 && (s = TAILQ_FIRST(&world->ready)) != NULL) {
		quantum = MIN_OF(left, QUANTUM);
		world->budget = quantum;
		stream_sleep(s);
		table_go_on(streams, s);
		/* A stream that only had to answer costs something too. */
		left -= quantum - world->budget + 1;
	}
	world->budget = left;
}

void
streams_disk_ready(struct streams *streams, uint64_t now)
{
	streams->world.disk->poll(streams->world.disk);
	streams_work(streams, now);
}

void
streams_drain(struct streams *streams)
{
	streams->draining = true;
}

void
streams_end_all(struct streams *streams, uint64_t now)
{
	struct stream *s;

	enter(streams, now);
	while ((s = TAILQ_FIRST(&streams->open)) != NULL) {
		stream_end_now(
		    s, STATUS_UNAVAILABLE, "the server is going away");
		table_go_on(streams, s);
	}
}

unsigned int
streams_count(const struct streams *streams)
{
	return streams->open_count;
}

unsigned int
streams_owing(const struct streams *streams)
{
	return streams->world.owing;
}

size_t
streams_memory(const struct streams *streams)
{
	return streams->world.memory;
}

size_t
streams_client_memory(const struct streams *streams, uint64_t client)
{
	const struct stream_client *known =
	    directory_known(&streams->directory, client);

	return known != NULL ? known->memory : 0;
}
