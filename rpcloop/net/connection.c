#include "rpcloop/net/connection.h"

#include "base/base.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	READ_SIZE = NET_SCRATCH_SIZE,
	READ_ONE = 4 * 1024,      /* when one more call is all that may be */
	LONG_BYTES = 64 * 1024,   /* of a call or replies that are long */
	SCARCE_BYTES = 64 * 1024, /* of input or output when memory is short */
	SCARCE_OWED = SCARCE_BYTES / NET_OWED_BYTES,
};

static const char *const life_names[CONNECTION_NLIVES] = {
	[CONNECTION_OPEN] = "open",
	[CONNECTION_FINISHING] = "finishing",
	[CONNECTION_DRAINING] = "draining",
	[CONNECTION_LINGERING] = "lingering",
	[CONNECTION_DEAD] = "dead",
};

static void
touch(struct connection *c)
{
	loop_settle(&c->flow.item);
}

/* True as long as records are taken from its input. */
static bool
takes_records(const struct connection *c)
{
	return c->life <= CONNECTION_FINISHING;
}

/* A connection only ever gets nearer to its end. */
static void
set_life(struct connection *c, enum connection_life next)
{
	assert(next > c->life);
	log_debug("connection %s connection=%" PRIu64, life_names[next], c->id);
	c->life = next;
	if (!takes_records(c)) {
		/* The rest of a record that has begun is not waited for. */
		c->record_since_ms = 0;
		flow_set_reading(&c->flow, FLOW_READ_ENDED);
	}
	touch(c);
}

static void
log_end(struct connection *c, const char *why)
{
	char from[ADDRESS_TEXT_SIZE];

	log_info_limited(&c->net->log_limit, c->net->loop->now_ms,
	    "connection closed: %s connection=%" PRIu64 " peer=%s", why, c->id,
	    address_text(&c->from, from));
}

void
connection_kill(struct connection *c, const char *why)
{
	if (c->life == CONNECTION_DEAD)
		return;
	if (why != NULL)
		log_end(c, why);
	set_life(c, CONNECTION_DEAD);
}

void
connection_drain(struct connection *c)
{
	if (takes_records(c))
		set_life(c, CONNECTION_DRAINING);
}

void
connection_finish(struct connection *c)
{
	if (c->life == CONNECTION_OPEN)
		set_life(c, CONNECTION_FINISHING);
}

bool
connection_is_idle(const struct connection *c)
{
	return c->owed_count == 0 && buffer_len(&c->flow.out) == 0;
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
	touch(c);
}

/* Counts the memory it has now instead of what it had. */
static void
account(struct connection *c)
{
	size_t now =
	    flow_memory(&c->flow) + (size_t)c->owed_count * NET_OWED_BYTES;

	charge_set(&c->memory, now);
	charge_set(&c->sockets, now);
	charge_set(&c->calls, c->owed_count);
}

void
connection_replied(struct connection *c)
{
	account(c);
	if (c->write_since_ms == 0)
		c->write_since_ms = c->net->loop->now_ms;
	touch(c);
}

bool
connection_has_capacity(const struct connection *c)
{
	const struct net_limits *limits = &c->net->limits;
	size_t answers = buffer_len(&c->flow.out);

	return c->owed_count < limits->calls_in_flight &&
	    answers < limits->output_bytes &&
	    (answers < SCARCE_BYTES || !peer_is_short(c->peer));
}

bool
connection_may_owe(const struct connection *c)
{
	return c->owed_count + 1 < c->net->limits.calls_in_flight &&
	    (c->owed_count < SCARCE_OWED || !peer_is_short(c->peer));
}

/* True in the middle of a long record. */
static bool
is_long(const struct connection *c)
{
	return buffer_len(&c->flow.in) >= LONG_BYTES;
}

/* Hands over one whole record.  Returns the bytes it took. */
static size_t
hand_over(struct connection *c)
{
	struct net *net = c->net;
	size_t took = c->record.scanned, len = c->record.body_len;
	uint8_t *body = buffer_head(&c->flow.in) + c->record.body_at;
	size_t before = buffer_len(&c->flow.out), cost;

	c->record = (struct record_reader){ 0 };
	c->record_since_ms = 0;
	c->active_ms = net->loop->now_ms;
	net->counters.bytes_in += took;
	if (!net->ops->record(net, c, body, len)) {
		log_end(c, "what it sent is not a call");
		connection_drain(c);
		return took;
	}
	buffer_consume(&c->flow.in, took);
	cost = took + buffer_len(&c->flow.out) - before;
	c->bulky = cost >= LONG_BYTES;
	loop_spend(net->loop, cost + NET_CALL_BYTES);
	return took;
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

/* Looks for the next record; false when it is not whole, or can never be. */
static bool
has_record(struct connection *c)
{
	struct buffer *in = &c->flow.in;
	enum record_result result = record_scan(&c->record,
	    &c->net->limits.record, buffer_head(in), buffer_len(in));

	if (result == RECORD_COMPLETE)
		return true;
	if (result != RECORD_PARTIAL)
		refuse_record(c, result);
	else if (buffer_len(in) > 0 && c->record_since_ms == 0)
		c->record_since_ms = c->net->loop->now_ms;
	return false;
}

/* One round: hands over records until none is whole or it is enough.  Returns
 * whether there was any. */
static bool
work(struct connection *c)
{
	const struct net_limits *limits = &c->net->limits;
	size_t bytes = 0;
	unsigned int calls = 0;

	while (takes_records(c) && connection_has_capacity(c)) {
		if (!has_record(c))
			return calls > 0;
		bytes += hand_over(c);
		if (++calls >= limits->turn_calls ||
		    bytes >= limits->turn_bytes || loop_is_spent(c->net->loop))
			break;
	}
	if (takes_records(c) && buffer_len(&c->flow.in) > 0)
		flow_set_reading(&c->flow,
		    connection_has_capacity(c) ? FLOW_READ_QUEUED
					       : FLOW_READ_STALLED);
	return true;
}

/* How much to read at once. */
static size_t
read_size(const struct connection *c)
{
	if (is_long(c))
		return c->net->limits.turn_bytes;
	return loop_is_spent(c->net->loop) ? READ_ONE : READ_SIZE;
}

static void
end_of_input(struct connection *c)
{
	/* A half-close: the peer may still wait for replies. */
	if (buffer_len(&c->flow.in) > 0)
		log_end(c, "the peer closed it inside a record");
	connection_drain(c);
}

/* Reads once.  Returns true when there is new input. */
static bool
fill(struct connection *c)
{
	size_t before = is_long(c) ? buffer_len(&c->flow.in) : SIZE_MAX;
	int r;

	if (buffer_len(&c->flow.in) >= SCARCE_BYTES && peer_is_short(c->peer)) {
		log_end(c, "memory is scarce, and its record is long");
		connection_drain(c);
		return false;
	}
	r = flow_read(&c->flow, c->net->scratch, READ_SIZE, read_size(c));
	if (r == FLOW_INPUT) {
		c->read_ms = c->net->loop->now_ms;
		if (before != SIZE_MAX)
			loop_spend(
			    c->net->loop, buffer_len(&c->flow.in) - before);
		return true;
	}
	if (r == FLOW_END)
		end_of_input(c);
	else if (r == -ENOMEM)
		connection_kill(c, "out of memory for its input");
	else if (r < 0)
		connection_kill(c, strerror(-r));
	else if (c->life == CONNECTION_FINISHING &&
	    buffer_len(&c->flow.in) == 0)
		connection_drain(c);
	return false;
}

/* Reads only when all records that arrived before have been handed over. */
static void
read_and_work(struct connection *c)
{
	if (!takes_records(c) || !connection_has_capacity(c))
		return;
	if (fill(c))
		work(c);
	if (flow_settle_input(&c->flow) < 0)
		connection_kill(c, "out of memory for its input");
	account(c);
}

/* Whoever has much to say takes turns with the others that have. */
static void
on_input(struct connection *c)
{
	if (loop_is_spent(c->net->loop) &&
	    (c->bulky || buffer_len(&c->flow.in) > 0))
		flow_set_reading(&c->flow, FLOW_READ_QUEUED);
	else
		read_and_work(c);
}

/* Another round, in a later turn. */
static void
resume(struct connection *c)
{
	if (!takes_records(c))
		return;
	flow_set_reading(&c->flow, FLOW_READ_WANTED);
	if (buffer_len(&c->flow.in) == 0 || !work(c))
		read_and_work(c);
}

/* Throws input away until the peer closes. */
static void
discard(struct connection *c)
{
	int r = flow_discard(&c->flow, c->net->scratch, NET_SCRATCH_SIZE);

	if (r == FLOW_END || r < 0)
		connection_kill(c, NULL);
}

/* What writing came to. */
static void
wrote(struct connection *c, ssize_t n)
{
	uint64_t now = c->net->loop->now_ms;

	if (n < 0)
		connection_kill(c, strerror((int)-n));
	if (n <= 0)
		return;
	c->net->counters.bytes_out += (uint64_t)n;
	c->active_ms = now;
	c->write_since_ms = buffer_len(&c->flow.out) > 0 ? now : 0;
}

/* What it waits for in the next turn: work that had to stop goes on, and input
 * that may wait unseen is looked at. */
static void
plan_reading(struct connection *c)
{
	struct flow *f = &c->flow;
	bool empty = buffer_len(&f->in) == 0;

	if (!takes_records(c) || f->reading == FLOW_READ_QUEUED)
		return;
	if (!connection_has_capacity(c))
		flow_set_reading(f, FLOW_READ_STALLED);
	else if ((f->reading == FLOW_READ_STALLED && !empty) ||
	    (c->life == CONNECTION_FINISHING && empty))
		flow_set_reading(f, FLOW_READ_QUEUED);
	else
		flow_set_reading(f, FLOW_READ_WANTED);
}

/* All that was owed is with the kernel: the peer is to close now. */
static void
linger(struct connection *c)
{
	flow_shut(&c->flow);
	c->linger_since_ms = c->net->loop->now_ms;
	set_life(c, CONNECTION_LINGERING);
	buffer_deinit(&c->flow.in);
	flow_set_reading(&c->flow, FLOW_READ_WANTED);
}

/* After something was written, or could not be. */
static void
plan(struct connection *c)
{
	if (c->life == CONNECTION_DEAD)
		return;
	plan_reading(c);
	if (c->life == CONNECTION_DRAINING && connection_is_idle(c))
		linger(c);
	flow_settle(&c->flow);
	account(c);
}

/* Whoever is told may answer others that waited here, but nothing may list
 * this connection in the loop again. */
static void
tell_owing(struct connection *c)
{
	struct owed_reply *owed;

	while ((owed = TAILQ_FIRST(&c->owed)) != NULL) {
		connection_settle_owed(c, owed);
		owed->lost(owed);
	}
}

static void
release(struct connection *c)
{
	charge_release(&c->memory);
	charge_release(&c->sockets);
	charge_release(&c->calls);
	charge_release(&c->place);
}

static void
connection_free(struct connection *c)
{
	struct net *net = c->net;

	tell_owing(c);
	TAILQ_REMOVE(&net->connections, c, entry);
	flow_deinit(&c->flow);
	release(c);
	free(c);
	net->ops->gone(net);
}

static bool
on_settle(struct loop_item *item)
{
	struct connection *c = container_of(item, struct connection, flow.item);

	if (c->life != CONNECTION_DEAD)
		wrote(c, flow_flush(&c->flow));
	plan(c);
	if (c->life != CONNECTION_DEAD)
		return true;
	connection_free(c);
	return false;
}

/* A part of its long replies. */
static void
send_part(struct connection *c)
{
	if (c->life == CONNECTION_DEAD)
		return;
	wrote(c, flow_send(&c->flow));
	plan(c);
}

static void
on_run(struct loop_item *item, unsigned int reasons)
{
	struct connection *c = container_of(item, struct connection, flow.item);

	if (reasons & LOOP_SENDING) {
		send_part(c);
		return;
	}
	if (reasons & LOOP_LOST)
		connection_kill(c, "out of memory for its events");
	else if (reasons & LOOP_RESUMED)
		resume(c);
	else if ((reasons & LOOP_READABLE) && c->life == CONNECTION_LINGERING)
		discard(c);
	else if ((reasons & LOOP_READABLE) &&
	    c->flow.reading == FLOW_READ_WANTED)
		on_input(c);
	touch(c);
}

void
connection_close(struct connection *c)
{
	if (c->life != CONNECTION_DEAD)
		while (flow_send(&c->flow) > 0)
			;
	connection_free(c);
}

static void
charge(struct connection *c)
{
	struct account *a = &c->peer->account;

	charge_take(&c->place, a, CHARGE_CONNECTIONS, 1);
	charge_take(&c->memory, a, CHARGE_BYTES, 0);
	charge_take(&c->sockets, a, CHARGE_SOCKETS, 0);
	charge_take(&c->calls, a, CHARGE_CALLS, 0);
	account_drop(a);
}

/* The most input that is kept: the longest record, in the most fragments, and
 * what is read with its end. */
static size_t
input_max(const struct record_limits *record)
{
	return record->bytes + (size_t)record->fragments * RECORD_HEADER_SIZE +
	    2 * READ_SIZE;
}

static void
set_addresses(struct connection *c, const struct address *from)
{
	c->from = *from;
	/* A Unix socket's would be a path, which nobody asks for. */
	if (from->u.any.sa_family == AF_UNIX ||
	    address_of_socket(&c->local, c->flow.item.fd) < 0)
		c->local = (struct address){ .len = 0 };
}

int
connection_new(struct connection **out, struct net *net, int *fd,
    const struct address *from)
{
	struct connection *c = calloc(1, sizeof(*c));
	int r = -ENOMEM;

	if (c == NULL)
		return r;
	c->net = net;
	c->active_ms = net->loop->now_ms;
	TAILQ_INIT(&c->owed);
	loop_item_init(&c->flow.item, net->loop, *fd, on_run, on_settle);
	set_addresses(c, from);
	c->peer = peer_find(&net->peers, from);
	if (c->peer != NULL)
		r = flow_init(&c->flow, input_max(&net->limits.record));
	if (r < 0) {
		if (c->peer != NULL)
			account_drop(&c->peer->account);
		free(c);
		return r;
	}
	*fd = -1;
	c->id = ++net->next_connection_id;
	charge(c);
	TAILQ_INSERT_TAIL(&net->connections, c, entry);
	*out = c;
	return 0;
}
