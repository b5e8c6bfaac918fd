#include "rpcloop/net/connection.h"

#include "base/base.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	READ_SIZE = 64 * 1024,
	READ_ONE = 4 * 1024,      /* when one more call is all that may be */
	LONG_BYTES = 64 * 1024,   /* of a call or replies that are long */
	CALL_BYTES = 256,         /* that any call counts for */
	SEND_SIZE = 256 * 1024,   /* of long replies, before others send */
	SCARCE_BYTES = 64 * 1024, /* of input or output when memory is scarce */
	SITE_SHARE = 8,           /* one part of so many for a site */
	SCARCE_OWED = SCARCE_BYTES / ENGINE_OWED_BYTES,
};

static const char *const state_names[CONNECTION_NSTATES] = {
	[CONNECTION_OPEN] = "open",
	[CONNECTION_DRAINING] = "draining",
	[CONNECTION_LINGERING] = "lingering",
	[CONNECTION_DEAD] = "dead",
};

/* A connection only ever gets nearer to its end. */
static void
set_state(struct connection *c, enum connection_state next)
{
	assert(next > c->state);
	log_debug(
	    "connection %s connection=%" PRIu64, state_names[next], c->id);
	c->state = next;
	/* The rest of a record that has begun is not waited for. */
	c->record_since_ms = 0;
	engine_touch(c->engine, c);
}

static void
log_end(struct connection *c, const char *why)
{
	char peer[ADDRESS_TEXT_SIZE];

	log_info_limited(&c->engine->log_limit, c->engine->now_ms,
	    "connection closed: %s connection=%" PRIu64 " peer=%s", why, c->id,
	    address_text(&c->peer, peer));
}

void
connection_kill(struct connection *c, const char *why)
{
	if (c->state == CONNECTION_DEAD)
		return;
	if (why != NULL)
		log_end(c, why);
	set_state(c, CONNECTION_DEAD);
}

void
connection_drain(struct connection *c)
{
	if (c->state == CONNECTION_OPEN)
		set_state(c, CONNECTION_DRAINING);
}

void
connection_finish(struct connection *c)
{
	if (c->state != CONNECTION_OPEN)
		return;
	c->finishing = true;
	engine_touch(c->engine, c);
}

bool
connection_is_idle(const struct connection *c)
{
	return c->owed_count == 0 && buffer_len(&c->out) == 0;
}

void
connection_owe(struct connection *c, struct owed_reply *owed)
{
	TAILQ_INSERT_TAIL(&c->owed, owed, entry);
	c->owed_count++;
}

void
connection_settle_owed(struct connection *c, struct owed_reply *owed)
{
	TAILQ_REMOVE(&c->owed, owed, entry);
	c->owed_count--;
	engine_touch(c->engine, c);
}

static size_t
owed_bytes(const struct connection *c)
{
	return (size_t)c->owed_count * ENGINE_OWED_BYTES;
}

/* Counts the memory it has now instead of what it had. */
static void
account(struct connection *c)
{
	size_t now =
	    buffer_memory(&c->in) + buffer_memory(&c->out) + owed_bytes(c);

	c->engine->counters.memory += now - c->memory;
	c->site->memory += now - c->memory;
	c->memory = now;
}

/*
 * Whether the peer's site has all that it may.  Whatever else it has, a part
 * of its share is for connections: what it calls for is refused by an answer
 * then, not by the end of a connection.
 */
static bool
site_is_full(const struct connection *c)
{
	const struct engine *e = c->engine;
	size_t share = e->limits.memory_bytes / SITE_SHARE;
	size_t held = c->site->memory;

	if (address_is_loopback(&c->peer) || held < share / SITE_SHARE)
		return false;
	return held >= share ||
	    (e->site_elsewhere != NULL &&
		e->site_elsewhere(e->site_context, &c->peer) >= share - held);
}

static bool
memory_is_scarce(const struct connection *c)
{
	const struct engine *e = c->engine;

	return e->counters.memory + e->memory_elsewhere >=
	    e->limits.memory_bytes ||
	    site_is_full(c);
}

void
connection_replied(struct connection *c)
{
	account(c);
	if (c->write_since_ms == 0)
		c->write_since_ms = c->engine->now_ms;
	engine_touch(c->engine, c);
}

bool
connection_has_capacity(const struct connection *c)
{
	const struct engine_limits *limits = &c->engine->limits;
	size_t answers = buffer_len(&c->out);

	return c->owed_count < limits->calls_in_flight &&
	    answers < limits->output_bytes &&
	    (answers < SCARCE_BYTES || !memory_is_scarce(c));
}

bool
connection_may_owe(const struct connection *c)
{
	return c->owed_count + 1 < c->engine->limits.calls_in_flight &&
	    (c->owed_count < SCARCE_OWED || !memory_is_scarce(c));
}

static void
spend(size_t *left, size_t bytes)
{
	*left -= MIN_OF(*left, bytes);
}

/* True in the middle of a long record. */
static bool
is_long(const struct connection *c)
{
	return buffer_len(&c->in) >= LONG_BYTES;
}

/* Hands over one whole record; false ends the round of work. */
static bool
hand_over(struct connection *c, size_t *budget)
{
	struct engine *e = c->engine;
	size_t took = c->record.scanned;
	uint8_t *body = buffer_head(&c->in) + c->record.body_at;
	size_t len = c->record.body_len;
	size_t before = buffer_len(&c->out), cost;

	c->record = (struct record_reader){ 0 };
	c->record_since_ms = 0;
	c->active_ms = e->now_ms;
	e->counters.bytes_in += took;
	if (!e->record(e->owner, c, body, len)) {
		log_end(c, "what it sent is not a call");
		connection_drain(c);
		return false;
	}
	buffer_consume(&c->in, took);
	cost = took + buffer_len(&c->out) - before;
	c->bulky = cost >= LONG_BYTES;
	spend(e->budget, cost + CALL_BYTES);
	spend(budget, took);
	return c->state == CONNECTION_OPEN && *budget > 0;
}

static void
refuse_record(struct connection *c, enum record_result result)
{
	log_end(c,
	    result == RECORD_TOO_LARGE
		? "record larger than the limit"
		: "record in more fragments than the limit");
	connection_drain(c);
}

/* One round: hands over records until none is whole or it is enough. */
static void
work(struct connection *c)
{
	size_t budget = c->engine->limits.turn_bytes;
	unsigned int calls = 0;
	enum record_result result;

	while (c->state == CONNECTION_OPEN && connection_has_capacity(c)) {
		result = record_scan(&c->record, &c->engine->limits.record,
		    buffer_head(&c->in), buffer_len(&c->in));
		if (result == RECORD_PARTIAL) {
			if (buffer_len(&c->in) > 0 && c->record_since_ms == 0)
				c->record_since_ms = c->engine->now_ms;
			return;
		}
		if (result != RECORD_COMPLETE) {
			refuse_record(c, result);
			return;
		}
		if (!hand_over(c, &budget) || *c->engine->budget == 0 ||
		    ++calls >= c->engine->limits.turn_calls)
			break;
	}
	if (c->state != CONNECTION_OPEN || buffer_len(&c->in) == 0)
		return;
	if (connection_has_capacity(c))
		engine_defer(c->engine, c);
	else
		c->stalled = true;
}

/* How much to read at once. */
static size_t
read_size(const struct connection *c)
{
	if (is_long(c))
		return c->engine->limits.turn_bytes;
	return *c->engine->budget > 0 ? READ_SIZE : READ_ONE;
}

/* Reads once.  Returns true when there is new input. */
static bool
fill(struct connection *c)
{
	bool was_long = is_long(c);
	ssize_t n;

	if (buffer_len(&c->in) >= SCARCE_BYTES && memory_is_scarce(c)) {
		log_end(c, "memory is scarce, and its record is long");
		connection_drain(c);
		return false;
	}
	buffer_lend(&c->in, c->engine->scratch, READ_SIZE);
	if (buffer_room(&c->in) < READ_SIZE / 4 &&
	    buffer_reserve(&c->in, READ_SIZE) != 0) {
		connection_kill(c, "out of memory for its input");
		return false;
	}
	n = read(c->fd, buffer_tail(&c->in),
	    MIN_OF(buffer_room(&c->in), read_size(c)));
	if (n > 0) {
		buffer_commit(&c->in, (size_t)n);
		spend(c->engine->budget, was_long ? (size_t)n : 0);
		c->read_ms = c->engine->now_ms;
		return true;
	}
	if (n == 0) {
		/* A half-close: the peer may still wait for replies. */
		if (buffer_len(&c->in) > 0)
			log_end(c, "the peer closed it inside a record");
		connection_drain(c);
	} else if (errno != EAGAIN && errno != EINTR) {
		connection_kill(c, strerror(errno));
	} else if (c->finishing && buffer_len(&c->in) == 0) {
		connection_drain(c);
	}
	return false;
}

/* Throws input away until the peer closes. */
static void
discard(struct connection *c)
{
	ssize_t n = read(c->fd, c->engine->scratch, READ_SIZE);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		connection_kill(c, NULL);
}

/* Reads only when all records that arrived before have been handed over. */
static void
read_and_work(struct connection *c)
{
	if (c->state != CONNECTION_OPEN || !connection_has_capacity(c))
		return;
	if (fill(c))
		work(c);
	if (buffer_settle(&c->in) < 0)
		connection_kill(c, "out of memory for its input");
	account(c);
}

/* Whoever has much to say takes turns with the others that have. */
static void
read_in_turn(struct connection *c)
{
	c->unread =
	    *c->engine->budget == 0 && (c->bulky || buffer_len(&c->in) > 0);
	if (c->unread)
		engine_defer(c->engine, c);
	else
		read_and_work(c);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;

	(void)fd;
	(void)what;
	engine_tick(c->engine);
	if (c->state == CONNECTION_LINGERING)
		discard(c);
	else if (!c->deferred && !c->stalled)
		read_in_turn(c);
	engine_touch(c->engine, c);
}

void
connection_resume(struct connection *c)
{
	if (buffer_len(&c->in) > 0 && !c->unread)
		work(c);
	else
		read_and_work(c);
	c->unread = false;
	engine_touch(c->engine, c);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;

	(void)fd;
	(void)what;
	engine_tick(c->engine);
	engine_touch(c->engine, c);
}

static bool
has_long_replies(const struct connection *c)
{
	return buffer_len(&c->out) >= LONG_BYTES;
}

/* Writes at most so many bytes.  Returns how many were. */
static size_t
write_some(struct connection *c, size_t most)
{
	ssize_t n;

	if (most == 0)
		return 0;
	n = send(c->fd, buffer_head(&c->out), most, MSG_NOSIGNAL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			connection_kill(c, strerror(errno));
		return 0;
	}
	c->engine->counters.bytes_out += (size_t)n;
	c->active_ms = c->engine->now_ms;
	buffer_consume(&c->out, (size_t)n);
	c->write_since_ms = buffer_len(&c->out) > 0 ? c->engine->now_ms : 0;
	return (size_t)n;
}

/* Waits for what the state calls for, and for nothing else. */
static void
set_interest(struct connection *c)
{
	bool read_wanted = c->state == CONNECTION_LINGERING ||
	    (c->state == CONNECTION_OPEN && !c->deferred && !c->stalled &&
		connection_has_capacity(c));
	int failed;

	failed = read_wanted ? event_add(&c->readable, NULL)
			     : event_del(&c->readable);
	failed |= buffer_len(&c->out) > 0 && !c->sending
	    ? event_add(&c->writable, NULL)
	    : event_del(&c->writable);
	if (failed != 0)
		connection_kill(c, "out of memory for its events");
}

/* Work that had to stop goes on; input that may wait unseen is looked at. */
static void
plan_next_turn(struct connection *c)
{
	if (c->state != CONNECTION_OPEN || !connection_has_capacity(c))
		return;
	if (c->stalled || (c->finishing && buffer_len(&c->in) == 0)) {
		c->stalled = false;
		engine_defer(c->engine, c);
	}
}

/* After something was written, or could not be. */
static void
settle(struct connection *c)
{
	if (c->state == CONNECTION_DEAD)
		return;
	plan_next_turn(c);
	if (c->state == CONNECTION_DRAINING && connection_is_idle(c)) {
		shutdown(c->fd, SHUT_WR);
		c->linger_since_ms = c->engine->now_ms;
		set_state(c, CONNECTION_LINGERING);
	}
	/* What is left of the input is of no use once reading has ended. */
	if (c->state == CONNECTION_OPEN)
		buffer_trim(&c->in);
	else
		buffer_deinit(&c->in);
	buffer_trim(&c->out);
	account(c);
	set_interest(c);
}

void
connection_settle(struct connection *c)
{
	if (c->state != CONNECTION_DEAD && has_long_replies(c))
		engine_queue_sending(c->engine, c);
	else if (c->state != CONNECTION_DEAD)
		write_some(c, buffer_len(&c->out));
	settle(c);
}

void
connection_send(struct connection *c)
{
	size_t most = MIN_OF(buffer_len(&c->out), (size_t)SEND_SIZE), n;

	if (c->state == CONNECTION_DEAD)
		return;
	n = write_some(c, most);
	spend(&c->engine->send_left, n);
	/* Else it is asked for more when the socket is writable. */
	if (n == most && has_long_replies(c))
		engine_queue_sending(c->engine, c);
	settle(c);
}

int
connection_new(struct connection **out, struct engine *e, int *fd,
    const struct address *peer)
{
	const struct record_limits *record = &e->limits.record;
	struct connection *c;
	int on = 1;

	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return -ENOMEM;
	c->engine = e;
	c->id = ++e->next_connection_id;
	c->fd = *fd;
	c->active_ms = e->now_ms;
	c->peer = *peer;
	/* A Unix socket's would be a path, which nobody asks for. */
	if (peer->u.any.sa_family == AF_UNIX ||
	    address_of_socket(&c->local, c->fd) < 0)
		c->local = (struct address){ .len = 0 };
	TAILQ_INIT(&c->owed);
	buffer_init(&c->in,
	    record->bytes + (size_t)record->fragments * RECORD_HEADER_SIZE +
		2 * READ_SIZE);
	buffer_init(&c->out, SIZE_MAX / 2);
	event_assign(
	    &c->readable, e->base, c->fd, EV_READ | EV_PERSIST, on_readable, c);
	event_assign(&c->writable, e->base, c->fd, EV_WRITE | EV_PERSIST,
	    on_writable, c);
	c->site = site_hold(&e->sites, peer);
	if (c->site == NULL || event_add(&c->readable, NULL) < 0) {
		if (c->site != NULL)
			site_release(&e->sites, c->site);
		free(c);
		return -ENOMEM;
	}
	*fd = -1;
	/* Replies are written whole; waiting to join them helps nobody. */
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	TAILQ_INSERT_TAIL(&e->connections, c, entry);
	e->counters.connections++;
	*out = c;
	return 0;
}

void
connection_free(struct connection *c)
{
	struct owed_reply *owed;

	/* Whoever is told may answer others that waited here, but nothing may
	 * list this connection again. */
	c->touched = true;
	while ((owed = TAILQ_FIRST(&c->owed)) != NULL) {
		connection_settle_owed(c, owed);
		owed->lost(owed);
	}
	TAILQ_REMOVE(&c->engine->connections, c, entry);
	c->engine->counters.connections--;
	buffer_deinit(&c->in);
	buffer_deinit(&c->out);
	account(c);
	site_release(&c->engine->sites, c->site);
	event_del(&c->readable);
	event_del(&c->writable);
	close(c->fd);
	free(c);
}
