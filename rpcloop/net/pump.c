#include "rpcloop/net/pump.h"

#include "base/base.h"

#include <errno.h>
#include <string.h>

enum {
	READ_SIZE = 64 * 1024,  /* at once, to memory of a connection's own */
	LONG_BYTES = 64 * 1024, /* of a call or replies that are long */
	/* What a round costs, as bytes of a turn, of a connection that comes
	 * before those of which it costs more. */
	QUICK_BYTES = 2048,
};

/* True in the middle of a long record. */
static bool
is_long(const struct connection *c)
{
	return buffer_len(&c->flow.in) >= LONG_BYTES;
}

/* Hands over one whole record, and charges the turn with it and its reply. */
static void
hand_over(struct connection *c)
{
	struct net *net = c->net;
	size_t took = c->record.scanned, len = c->record.body_len;
	uint8_t *body = buffer_head(&c->flow.in) + c->record.body_at;
	size_t before = buffer_len(&c->flow.out), cost;

	c->record = (struct record_reader){ 0 };
	c->marks = took - len;
	c->record_since_ms = 0;
	c->active_ms = loop_fair_ms(net->loop);
	counter_add(&net->counters.bytes_in, took);
	if (!net->record(net->owner, c, body, len)) {
		connection_log_end(c, "what it sent is not a call");
		connection_drain(c);
		return;
	}
	buffer_consume(&c->flow.in, took);
	cost = took + buffer_len(&c->flow.out) - before;
	c->bulky = cost >= LONG_BYTES;
	loop_spend(net->loop, cost + NET_CALL_BYTES);
}

static void
refuse_record(struct connection *c, enum record_result result)
{
	connection_log_end(c,
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
		c->record_since_ms = loop_fair_ms(c->net->loop);
	return false;
}

/* One round: hands over records until none is whole or it is enough.  Returns
 * whether there was any.  If all that was done for them cost more than a
 * little, those that cost little come before it next time. */
static bool
work(struct connection *c)
{
	const struct loop *loop = c->net->loop;
	/* A part is no more than all that is left. */
	size_t left = loop->left, until = left - net_part(c->net);
	unsigned int calls = 0;

	while (connection_takes_records(c) && connection_has_capacity(c)) {
		if (!has_record(c))
			return calls > 0;
		hand_over(c);
		c->flow.item.slow = left - loop->left > QUICK_BYTES;
		if (++calls >= c->net->limits.turn_calls || loop->left <= until)
			break;
	}
	if (connection_takes_records(c) && buffer_len(&c->flow.in) > 0)
		flow_set_reading(&c->flow,
		    connection_has_capacity(c) ? FLOW_READ_QUEUED
					       : FLOW_READ_STALLED);
	return true;
}

static void
end_of_input(struct connection *c)
{
	/* A half-close: the peer may still wait for replies. */
	if (buffer_len(&c->flow.in) > 0)
		connection_log_end(c, "the peer closed it inside a record");
	connection_drain(c);
}

/* Reads once.  Returns true when there is new input. */
static bool
fill(struct connection *c)
{
	size_t before = buffer_len(&c->flow.in);
	bool charged = is_long(c);
	size_t size = before > 0 ? READ_SIZE : NET_SCRATCH_SIZE;
	int r;

	if (!connection_may_keep(c)) {
		connection_log_end(
		    c, "memory is scarce, and its record is long");
		connection_drain(c);
		return false;
	}
	r = flow_read(&c->flow, c->net->scratch, size,
	    charged ? c->net->limits.turn_bytes : size);
	if (r == FLOW_INPUT) {
		c->read_ms = c->net->loop->now_ms;
		if (charged)
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
	if (!connection_takes_records(c) || !connection_has_capacity(c))
		return;
	if (fill(c))
		work(c);
	if (flow_settle_input(&c->flow) < 0)
		connection_kill(c, "out of memory for its input");
	connection_account(c);
}

/* Whoever has much to say takes turns with the others that have anything. */
static void
on_input(struct connection *c)
{
	if ((c->bulky || is_long(c)) && !loop_is_alone(c->net->loop))
		flow_set_reading(&c->flow, FLOW_READ_QUEUED);
	else
		read_and_work(c);
}

/* Another round, in a later turn. */
static void
resume(struct connection *c)
{
	if (!connection_takes_records(c))
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
	uint64_t now = loop_fair_ms(c->net->loop);

	if (n < 0)
		connection_kill(c, strerror((int)-n));
	if (n <= 0)
		return;
	counter_add(&c->net->counters.bytes_out, (uint64_t)n);
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

	if (!connection_takes_records(c) || f->reading == FLOW_READ_QUEUED)
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
	c->linger_since_ms = loop_fair_ms(c->net->loop);
	connection_set_life(c, CONNECTION_LINGERING);
	buffer_deinit(&c->flow.in);
	flow_set_reading(&c->flow, FLOW_READ_WANTED);
}

/* After something was written, or could not be. */
static void
plan(struct connection *c)
{
	connection_give_back(c);
	if (c->life == CONNECTION_DEAD)
		return;
	plan_reading(c);
	if (c->life == CONNECTION_DRAINING && connection_is_idle(c))
		linger(c);
	flow_settle(&c->flow, false);
	connection_account(c);
}

static bool
on_settle(struct loop_item *item)
{
	struct connection *c = container_of(item, struct connection, flow.item);

	if (c->life != CONNECTION_DEAD)
		wrote(c, flow_flush(&c->flow));
	plan(c);
	if (!c->buried)
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
	if (c->life == CONNECTION_DEAD) {
		if (reasons & LOOP_RESUMED)
			connection_bury(c);
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
	connection_touch(c);
}

static const struct connection_work pump_work = {
	.run = on_run,
	.settle = on_settle,
};

int
pump_start(struct connection **out, struct net *net, int *fd,
    const struct address *from)
{
	return connection_new(out, net, fd, from, &pump_work);
}
