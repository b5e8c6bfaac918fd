#include "rpcloop/net/connection.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* What a connection may have when memory is short. */
	LEAST_BYTES = 64 * 1024, /* of input, or of output */
	LEAST_OWED = LEAST_BYTES / NET_OWED_BYTES,
	/* What the end of one costs, as bytes of a turn. */
	BURIAL_BYTES = 4096,
};

static const char *const life_names[CONNECTION_NLIVES] = {
	[CONNECTION_OPEN] = "open",
	[CONNECTION_FINISHING] = "finishing",
	[CONNECTION_DRAINING] = "draining",
	[CONNECTION_LINGERING] = "lingering",
	[CONNECTION_DEAD] = "dead",
};

void
connection_set_life(struct connection *c, enum connection_life next)
{
	assert(next > c->life);
	log_debug_limited(&c->net->step_limit, c->net->loop->now_ms,
	    "connection %s connection=%" PRIu64, life_names[next], c->id);
	c->life = next;
	if (!connection_takes_records(c)) {
		/* The rest of a record that has begun is not waited for. */
		c->record_since_ms = 0;
		flow_set_reading(&c->flow, FLOW_READ_ENDED);
	}
	/* Many may die at once, and others are to be answered. */
	if (next == CONNECTION_DEAD) {
		loop_want(&c->flow.item, 0);
		loop_put_off(&c->flow.item);
	}
	connection_touch(c);
}

void
connection_log_end(struct connection *c, const char *why)
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
		connection_log_end(c, why);
	connection_set_life(c, CONNECTION_DEAD);
}

void
connection_drain(struct connection *c)
{
	if (connection_takes_records(c))
		connection_set_life(c, CONNECTION_DRAINING);
}

void
connection_finish(struct connection *c)
{
	if (c->life == CONNECTION_OPEN)
		connection_set_life(c, CONNECTION_FINISHING);
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
	connection_touch(c);
}

void
connection_account(struct connection *c)
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
	connection_account(c);
	if (c->write_since_ms == 0)
		c->write_since_ms = loop_fair_ms(c->net->loop);
	connection_touch(c);
}

bool
connection_has_capacity(const struct connection *c)
{
	const struct net_limits *limits = &c->net->limits;
	size_t answers = buffer_len(&c->flow.out);

	return c->owed_count < limits->calls_in_flight &&
	    answers < limits->output_bytes &&
	    (answers < LEAST_BYTES || !peer_is_short(c->peer));
}

bool
connection_may_keep(const struct connection *c)
{
	return buffer_len(&c->flow.in) < LEAST_BYTES || !peer_is_short(c->peer);
}

bool
connection_may_owe(const struct connection *c)
{
	return c->owed_count + 1 < c->net->limits.calls_in_flight &&
	    (c->owed_count < LEAST_OWED || !peer_is_short(c->peer));
}

void
connection_borrow(struct connection *c)
{
	c->borrows = lender_lend(&c->net->lender, &c->flow.out);
	if (c->borrows)
		connection_touch(c);
}

void
connection_give_back(struct connection *c)
{
	if (!c->borrows)
		return;
	c->borrows = false;
	if (lender_take_back(&c->net->lender, &c->flow.out) < 0)
		connection_kill(c, "out of memory for its output");
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
list(struct connection *c)
{
	TAILQ_INSERT_TAIL(&c->peer->connections, c, of_peer);
	c->listed_ms = loop_fair_ms(c->net->loop);
}

void
connection_list_last(struct connection *c)
{
	TAILQ_REMOVE(&c->peer->connections, c, of_peer);
	list(c);
}

static void
release(struct connection *c)
{
	charge_set(&c->place, 0);
	peer_resized(c->peer);
	TAILQ_REMOVE(&c->peer->connections, c, of_peer);
	charge_release(&c->memory);
	charge_release(&c->sockets);
	charge_release(&c->calls);
	charge_release(&c->place);
}

void
connection_free(struct connection *c)
{
	struct net *net = c->net;

	tell_owing(c);
	TAILQ_REMOVE(&net->connections, c, entry);
	buffer_deinit(&c->flow.out);
	connection_give_back(c);
	flow_deinit(&c->flow);
	release(c);
	free(c);
	net->ops->gone(net);
}

void
connection_close(struct connection *c)
{
	if (c->life != CONNECTION_DEAD)
		while (flow_send(&c->flow) > 0)
			;
	connection_free(c);
}

void
connection_bury(struct connection *c)
{
	loop_spend(c->net->loop,
	    BURIAL_BYTES + c->owed_count * (size_t)NET_CALL_BYTES);
	tell_owing(c);
	c->buried = true;
	connection_touch(c);
}

static void
charge(struct connection *c)
{
	struct account *a = &c->peer->account;

	charge_take(&c->place, a, CHARGE_CONNECTIONS, 1);
	peer_resized(c->peer);
	list(c);
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
	    2 * NET_SCRATCH_SIZE;
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
    const struct address *from, const struct connection_work *work)
{
	struct connection *c = calloc(1, sizeof(*c));
	int r = -ENOMEM;

	if (c == NULL)
		return r;
	c->net = net;
	c->active_ms = loop_fair_ms(net->loop);
	TAILQ_INIT(&c->owed);
	loop_item_init(&c->flow.item, net->loop, *fd, work->run, work->settle);
	set_addresses(c, from);
	c->peer = peer_find(&net->peers, from);
	if (c->peer != NULL) {
		c->flow.item.share = &c->peer->share;
		/* Nobody knows yet what it is going to ask for. */
		c->flow.item.slow = true;
		r = flow_init(&c->flow, input_max(&net->limits.record));
	}
	if (r < 0) {
		if (c->peer != NULL)
			account_drop(&c->peer->account);
		free(c);
		return r;
	}
	*fd = -1;
	c->id = net->last_connection_id += net->connection_id_step;
	charge(c);
	TAILQ_INSERT_TAIL(&net->connections, c, entry);
	*out = c;
	return 0;
}
