#include "rpcloop/serve/deadlines.h"

/* Bytes that buy a record another second. */
enum { RECORD_RATE = 64 * 1024 };

/* How long the present record may take, by what has arrived of it. */
static uint64_t
record_time(const struct connection *c, const struct deadlines *limits)
{
	return limits->record_ms + buffer_len(&c->flow.in) / RECORD_RATE * 1000;
}

/*
 * All replies are with the kernel.  Closing while it still holds some could
 * destroy them, so that is the time for a write; then the peer has to close.
 */
static void
check_linger(struct connection *c, const struct deadlines *limits)
{
	uint64_t now = loop_fair_ms(c->net->loop);

	if (flow_peer_reads(&c->flow))
		c->linger_since_ms = now;
	if (now - c->linger_since_ms >=
	    (c->flow.unsent > 0 ? limits->write_ms : limits->linger_ms))
		connection_kill(c, NULL);
}

static void
check_write(struct connection *c, const struct deadlines *limits)
{
	uint64_t now = loop_fair_ms(c->net->loop);

	if (c->write_since_ms == 0)
		return;
	if (flow_peer_reads(&c->flow) || c->flow.writing == FLOW_WRITE_QUEUED)
		c->write_since_ms = now;
	if (now - c->write_since_ms >= limits->write_ms)
		connection_kill(c, "its replies are not read");
}

static void
check_record(struct connection *c, const struct deadlines *limits)
{
	uint64_t now = loop_fair_ms(c->net->loop);

	if (c->record_since_ms == 0)
		return;
	/* While we do not read, the peer cannot finish its record. */
	if (!connection_has_capacity(c) || c->flow.reading == FLOW_READ_QUEUED)
		c->record_since_ms = now;
	if (now - c->record_since_ms >= record_time(c, limits))
		connection_kill(c, "a record took too long");
}

/* A record that has begun has a deadline of its own. */
static void
check_idle(struct connection *c, const struct deadlines *limits)
{
	uint64_t now = loop_fair_ms(c->net->loop);

	if (!connection_is_idle(c) || c->life == CONNECTION_LINGERING ||
	    c->record_since_ms != 0)
		return;
	if (now - c->active_ms >= limits->idle_ms)
		connection_kill(c, "idle");
}

void
deadlines_check(struct connection *c, const struct deadlines *limits)
{
	if (c->life == CONNECTION_LINGERING)
		check_linger(c, limits);
	check_write(c, limits);
	check_record(c, limits);
	check_idle(c, limits);
}
