#include "rpcloop/serve/deadlines.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

/* Bytes that buy a record another second. */
enum { RECORD_RATE = 64 * 1024 };

/* How long the present record may take, by what has arrived of it. */
static uint64_t
record_time(const struct connection *c)
{
	return c->engine->limits.record_ms +
	    buffer_len(&c->in) / RECORD_RATE * 1000;
}

/*
 * True when the peer has taken bytes since the last look.  The kernel asks for
 * more of ours only when a good part of its own queue has gone, which a slow
 * peer may need longer for than it is given.
 */
static bool
peer_reads(struct connection *c)
{
	int before = c->unsent;

	if (ioctl(c->fd, SIOCOUTQ, &c->unsent) != 0)
		c->unsent = 0;
	return c->unsent < before;
}

/*
 * All replies are with the kernel.  Closing while it still holds some could
 * destroy them, so that is the time for a write; then the peer has to close.
 */
static void
check_linger(struct connection *c)
{
	const struct engine_limits *limits = &c->engine->limits;
	uint64_t now = c->engine->now_ms;

	if (peer_reads(c))
		c->linger_since_ms = now;
	if (now - c->linger_since_ms >=
	    (c->unsent > 0 ? limits->write_ms : limits->linger_ms))
		connection_kill(c, NULL);
}

static void
check_write(struct connection *c)
{
	uint64_t now = c->engine->now_ms;

	if (c->write_since_ms == 0)
		return;
	if (peer_reads(c) || c->sending)
		c->write_since_ms = now;
	if (now - c->write_since_ms >= c->engine->limits.write_ms)
		connection_kill(c, "its replies are not read");
}

static void
check_record(struct connection *c)
{
	uint64_t now = c->engine->now_ms;

	if (c->record_since_ms == 0)
		return;
	/* While we do not read, the peer cannot finish its record. */
	if (!connection_has_capacity(c) || c->deferred)
		c->record_since_ms = now;
	if (now - c->record_since_ms >= record_time(c))
		connection_kill(c, "a record took too long");
}

void
deadlines_check(struct connection *c)
{
	uint64_t now = c->engine->now_ms;

	if (c->state == CONNECTION_LINGERING)
		check_linger(c);
	check_write(c);
	check_record(c);
	if (connection_is_idle(c) && c->state != CONNECTION_LINGERING &&
	    now - c->active_ms >= c->engine->limits.idle_ms)
		connection_kill(c, "idle");
}
