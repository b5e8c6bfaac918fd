#include "rpcloop/serve/engine.h"

#include "base/clock.h"
#include "rpcloop/net/connection.h"
#include "rpcloop/net/datagram.h"
#include "rpcloop/net/listener.h"
#include "rpcloop/serve/deadlines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	SCRATCH_SIZE = 64 * 1024,
	SWEEP_MS = 500,
};

const struct engine_limits engine_default_limits = {
	.record = {
		.bytes = 1024 * 1024 + 128 * 1024,
		.fragments = 16384,
		.empty_fragments = 64,
	},
	.connections = 16384,
	.calls_in_flight = 1024,
	.output_bytes = 4 * 1024 * 1024,
	.memory_bytes = 512 * 1024 * 1024,
	.turn_calls = 256,
	.turn_bytes = 256 * 1024,
	.turn_bytes_all = 512 * 1024,
	.record_ms = 10 * 1000,
	.write_ms = 30 * 1000,
	.idle_ms = 10 * 60 * 1000,
	.linger_ms = 1000,
};

static const struct timeval at_once = { 0, 0 };

void
engine_touch(struct engine *e, struct connection *c)
{
	if (c->touched)
		return;
	if (TAILQ_EMPTY(&e->touched)) {
		/* Comes after all sockets that are ready in this turn. */
		event_active(&e->turn_end, EV_TIMEOUT, 0);
	}
	c->touched = true;
	TAILQ_INSERT_TAIL(&e->touched, c, touched_entry);
}

void
engine_defer(struct engine *e, struct connection *c)
{
	if (c->deferred)
		return;
	/* A timer, not event_active(): the loop must poll in between, or one
	 * connection could keep it from the others. */
	if (TAILQ_EMPTY(&e->deferred))
		event_add(&e->next_turn, &at_once);
	c->deferred = true;
	TAILQ_INSERT_TAIL(&e->deferred, c, deferred_entry);
}

/* Tells the owner, once, that nothing is left to be drained. */
static void
note_drained(struct engine *e)
{
	void (*drained)(void *owner) = e->drained;

	if (!e->draining || drained == NULL || !TAILQ_EMPTY(&e->connections) ||
	    !TAILQ_EMPTY(&e->datagrams))
		return;
	e->drained = NULL;
	drained(e->owner);
}

static void
reap(struct engine *e, struct connection *c)
{
	if (c->deferred)
		TAILQ_REMOVE(&e->deferred, c, deferred_entry);
	if (c->sending)
		TAILQ_REMOVE(&e->sending, c, sending_entry);
	connection_free(c);
}

static void
settle_touched(struct engine *e)
{
	struct connection *c;

	while ((c = TAILQ_FIRST(&e->touched)) != NULL) {
		/* Taken off only afterwards: settling may touch it again. */
		connection_settle(c);
		TAILQ_REMOVE(&e->touched, c, touched_entry);
		c->touched = false;
		if (c->state == CONNECTION_DEAD)
			reap(e, c);
	}
}

void
engine_queue_sending(struct engine *e, struct connection *c)
{
	if (c->sending)
		return;
	c->sending = true;
	TAILQ_INSERT_TAIL(&e->sending, c, sending_entry);
}

static void
send_long_replies(struct engine *e)
{
	struct connection *c;

	while (e->send_left > 0 && (c = TAILQ_FIRST(&e->sending)) != NULL) {
		TAILQ_REMOVE(&e->sending, c, sending_entry);
		c->sending = false;
		connection_send(c);
	}
	if (!TAILQ_EMPTY(&e->sending))
		event_add(&e->next_turn, &at_once);
}

static void
begin_turn(struct engine *e)
{
	e->ready_left = e->limits.turn_bytes_all;
	e->queue_left = e->limits.turn_bytes_all;
	e->send_left = e->limits.turn_bytes_all;
	e->budget = &e->ready_left;
}

static void
on_turn_end(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;

	(void)fd;
	(void)what;
	settle_touched(e);
	send_long_replies(e);
	datagram_settle_all(e);
	begin_turn(e);
	note_drained(e);
}

static void
on_next_turn(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;
	struct connection_list now = TAILQ_HEAD_INITIALIZER(now);
	struct connection *c;

	(void)fd;
	(void)what;
	engine_tick(e);
	/* Those that are deferred again belong to the turn after. */
	TAILQ_CONCAT(&now, &e->deferred, deferred_entry);
	e->budget = &e->queue_left;
	while ((c = TAILQ_FIRST(&now)) != NULL && e->queue_left > 0) {
		TAILQ_REMOVE(&now, c, deferred_entry);
		c->deferred = false;
		connection_resume(c);
	}
	e->budget = &e->ready_left;
	/* The others come first in the next turn. */
	TAILQ_CONCAT(&now, &e->deferred, deferred_entry);
	TAILQ_CONCAT(&e->deferred, &now, deferred_entry);
	if (!TAILQ_EMPTY(&e->deferred))
		event_add(&e->next_turn, &at_once);
	/* This turn has an end, also for those that only send. */
	event_active(&e->turn_end, EV_TIMEOUT, 0);
}

static void
on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;
	struct connection *c;

	(void)fd;
	(void)what;
	engine_tick(e);
	TAILQ_FOREACH (c, &e->connections, entry)
		deadlines_check(c);
	listener_resume_all(e);
}

static int
make_base(struct engine *e)
{
	struct event_config *config = event_config_new();

	if (config == NULL)
		return -ENOMEM;
	/* Joins what one turn changes for a socket into one system call. */
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	e->base = event_base_new_with_config(config);
	event_config_free(config);
	return e->base == NULL ? -ENOMEM : 0;
}

int
engine_init(struct engine *e, const struct engine_limits *limits,
    engine_record_fn *record, void *owner)
{
	static const struct timeval sweep_interval = { 0, SWEEP_MS * 1000 };
	int r;

	*e = (struct engine){
		.limits = *limits,
		.record = record,
		.owner = owner,
		.reserve_fd = -1,
	};
	TAILQ_INIT(&e->listeners);
	TAILQ_INIT(&e->datagrams);
	TAILQ_INIT(&e->connections);
	begin_turn(e);
	sites_init(&e->sites);
	TAILQ_INIT(&e->touched);
	TAILQ_INIT(&e->deferred);
	TAILQ_INIT(&e->sending);
	engine_tick(e);
	e->scratch = malloc(SCRATCH_SIZE);
	r = e->scratch == NULL ? -ENOMEM : make_base(e);
	if (r < 0) {
		engine_deinit(e);
		return r;
	}
	event_assign(&e->turn_end, e->base, -1, 0, on_turn_end, e);
	event_assign(&e->next_turn, e->base, -1, 0, on_next_turn, e);
	event_assign(&e->sweep, e->base, -1, EV_PERSIST, on_sweep, e);
	if (event_add(&e->sweep, &sweep_interval) < 0) {
		engine_deinit(e);
		return -ENOMEM;
	}
	e->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return 0;
}

void
engine_deinit(struct engine *e)
{
	struct connection *c;

	if (e->base != NULL) {
		listener_close_all(e);
		e->draining = false;
		TAILQ_FOREACH (c, &e->connections, entry)
			connection_kill(c, NULL);
		settle_touched(e);
		datagram_close_all(e);
		event_del(&e->turn_end);
		event_del(&e->next_turn);
		event_del(&e->sweep);
		event_base_free(e->base);
	}
	if (e->reserve_fd >= 0)
		close(e->reserve_fd);
	e->reserve_fd = -1;
	e->base = NULL;
	free(e->scratch);
	e->scratch = NULL;
	free(e->batch);
	e->batch = NULL;
}

void
engine_tick(struct engine *e)
{
	e->now_ms = clock_now_ms();
}

int
engine_run(struct engine *e)
{
	return event_base_dispatch(e->base) < 0 ? -EIO : 0;
}

void
engine_stop(struct engine *e)
{
	/* Unlike event_base_loopexit() it needs no memory. */
	event_base_loopbreak(e->base);
}

void
engine_drain(struct engine *e, void (*drained)(void *owner))
{
	struct connection *c;

	engine_tick(e);
	/* Whoever is in a queue is connected, and may have called. */
	listener_accept_waiting(e);
	listener_close_all(e);
	e->draining = true;
	e->drained = drained;
	TAILQ_FOREACH (c, &e->connections, entry)
		connection_finish(c);
	datagram_finish_all(e);
	note_drained(e);
}
