/* Channels on connections: TCP and Unix sockets. */
#include "rpcloop/call/channel_kind.h"

#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/wire/xdr.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* A reply in more fragments is nobody's. */
	FRAGMENTS = 16384,
	EMPTY_FRAGMENTS = 64,
	/* Of the calls in flight, one in so many: as many leave at a time while
	 * answers are taken. */
	AHEAD_PARTS = 5,
};

/*
 * A port that nobody listens on, and that the kernel happens to choose for our
 * end, makes TCP connect the socket to itself.
 */
static bool
is_self(const struct channel *c)
{
	struct sockaddr_storage here = { 0 }, there = { 0 };
	socklen_t here_len = sizeof(here), there_len = sizeof(there);
	int fd = c->flow.item.fd;

	if (c->to.at.any.sa_family == AF_UNIX ||
	    getsockname(fd, (struct sockaddr *)&here, &here_len) != 0 ||
	    getpeername(fd, (struct sockaddr *)&there, &there_len) != 0)
		return false;
	return here_len == there_len && memcmp(&here, &there, here_len) == 0;
}

/* It is connected.  Returns 0 or a negative errno. */
static int
begin_to_talk(struct channel *c)
{
	if (is_self(c))
		return -ECONNREFUSED;
	c->state = CHANNEL_OPEN;
	loop_due(&c->flow.item, TIMER_NEVER);
	loop_want(&c->flow.item, LOOP_READABLE);
	loop_settle(&c->flow.item);
	return 0;
}

/* Connecting came to something.  Returns 0 or a negative errno. */
static int
finish_connecting(struct channel *c)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(c->flow.item.fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return error != 0 ? -error : begin_to_talk(c);
}

/*
 * At a Unix socket the kernel does not wait while the queue of its server is
 * full, but says EAGAIN: it is tried again when the item is due.  Returns 0 or
 * a negative errno.
 */
static int
try_to_connect(struct channel *c)
{
	struct loop_item *item = &c->flow.item;

	if (connect(item->fd, &c->to.at.any, c->to.len) == 0)
		return begin_to_talk(c);
	if (errno == EINPROGRESS) {
		loop_want(item, LOOP_READABLE | LOOP_WRITABLE);
		loop_due(item, c->connect_by_ms);
		return 0;
	}
	if (errno != EAGAIN || c->to.at.any.sa_family != AF_UNIX)
		return -errno;
	/* A socket that is not connecting has hung up, always. */
	loop_want(item, 0);
	loop_due(
	    item, MIN_OF(c->connect_by_ms, clock_now_ms() + CHANNEL_FULL_MS));
	return 0;
}

static int
start(struct channel *c)
{
	int r = flow_init(&c->flow,
	    (size_t)c->terms.reply_max + FRAGMENTS * RECORD_HEADER_SIZE +
		CHANNEL_SCRATCH);

	if (r == 0)
		r = loop_timed(&c->flow.item);
	return r == 0 ? try_to_connect(c) : r;
}

static void
end(struct channel *c)
{
	if (c->flow.ops != NULL)
		flow_deinit(&c->flow);
	else if (c->flow.item.fd >= 0)
		close(c->flow.item.fd);
}

/* A copy of the message that output ends with, if it is to be kept.  False: no
 * memory. */
static bool
keep(struct channel_call *call, const struct buffer *out)
{
	return !call->channel->terms.keeps ||
	    buffer_append(&call->message, buffer_tail(out) - call->call_bytes,
		call->call_bytes) == 0;
}

/* Encodes a record at the end of the output. */
static enum clnt_stat
put(struct channel_call *call, const struct caller_call *what)
{
	struct channel *c = call->channel;
	struct buffer *out = &c->flow.out;
	size_t before = buffer_len(out), len;
	XDR xdrs;

	if (buffer_reserve(out, RECORD_HEADER_SIZE) != 0)
		return RPC_SYSTEMERROR;
	buffer_commit(out, RECORD_HEADER_SIZE);
	xdrbuf_create(&xdrs, out);
	if (!caller_put_call(&xdrs, what)) {
		buffer_truncate(out, before);
		return RPC_CANTENCODEARGS;
	}
	len = buffer_len(out) - before - RECORD_HEADER_SIZE;
	record_put_header(buffer_head(out) + before, (uint32_t)len);
	call->place = c->written + before;
	call->call_bytes = len;
	if (!keep(call, out)) {
		buffer_truncate(out, before);
		return RPC_SYSTEMERROR;
	}
	call->sends = 1;
	if (c->state == CHANNEL_OPEN)
		loop_settle(&c->flow.item);
	return RPC_SUCCESS;
}

static bool
has_left(const struct channel_call *call)
{
	return call->channel->written > call->place;
}

/* Takes the next record from the input.  False when none is whole, or the
 * channel has ended. */
static bool
take_record(struct channel *c)
{
	const struct record_limits limits = { c->terms.reply_max, FRAGMENTS,
		EMPTY_FRAGMENTS };
	struct buffer *in = &c->flow.in;
	struct record_reader *record = &c->record;
	size_t took;

	if (c->closed || c->state != CHANNEL_OPEN || buffer_len(in) == 0)
		return false;
	switch (record_scan(record, &limits, buffer_head(in), buffer_len(in))) {
	case RECORD_COMPLETE:
		break;
	case RECORD_PARTIAL:
		return false;
	default:
		channel_break(c, EMSGSIZE);
		return false;
	}
	took = record->scanned;
	if (!channel_receive(
		c, buffer_head(in) + record->body_at, record->body_len))
		channel_break(c, EBADMSG);
	*record = (struct record_reader){ 0 };
	buffer_consume(in, took);
	loop_spend(c->loop, took);
	return true;
}

/* What writing came to. */
static void
wrote(struct channel *c, ssize_t n)
{
	if (n < 0)
		channel_break(c, (int)-n);
	else
		c->written += (uint64_t)n;
}

/* What was asked by those whom it answered. */
static void
send_ahead(struct channel *c)
{
	if (!c->closed && c->state == CHANNEL_OPEN &&
	    buffer_len(&c->flow.out) > 0)
		wrote(c, flow_flush(&c->flow));
}

/* Calls leave a part at a time, while answers are taken: else client and server
 * would have nothing to do in turns. */
static void
take_records(struct channel *c)
{
	size_t taken = 0;

	c->came_ns = clock_now_ns();
	while (take_record(c)) {
		if (++taken * AHEAD_PARTS < c->count)
			continue;
		send_ahead(c);
		taken = 0;
	}
}

static void
read_input(struct channel *c)
{
	size_t before = buffer_len(&c->flow.in);
	int r =
	    flow_read(&c->flow, c->scratch, CHANNEL_SCRATCH, CHANNEL_SCRATCH);

	if (r == FLOW_INPUT) {
		c->received += buffer_len(&c->flow.in) - before;
		take_records(c);
	} else if (r == FLOW_END)
		channel_break(c, ECONNRESET);
	else if (r < 0)
		channel_break(c, -r);
	if (flow_settle_input(&c->flow) < 0)
		channel_break(c, ENOMEM);
}

/* While it connects.  Returns 0 or a negative errno. */
static int
go_on_connecting(struct channel *c, unsigned int reasons)
{
	int r;

	if (!(reasons & LOOP_DUE))
		r = finish_connecting(c);
	else if (c->loop->now_ms >= c->connect_by_ms)
		r = -ETIMEDOUT;
	else
		r = try_to_connect(c);
	if (r == 0 && c->state == CHANNEL_OPEN && c->terms.opened != NULL)
		c->terms.opened(c, c->terms.context);
	return r;
}

static void
work(struct channel *c, unsigned int reasons)
{
	int r = 0;

	if (reasons & LOOP_LOST)
		r = -ENOMEM;
	else if (c->state == CHANNEL_CONNECTING)
		r = go_on_connecting(c, reasons);
	else if (reasons & LOOP_SENDING)
		wrote(c, flow_send(&c->flow));
	else if (reasons & LOOP_READABLE)
		read_input(c);
	if (r < 0)
		channel_break(c, -r);
}

static void
run(struct loop_item *item, unsigned int reasons)
{
	struct channel *c = channel_of_item(item);

	if (c->state == CHANNEL_BROKEN)
		return;
	channel_enter(c);
	work(c, reasons);
	if (c->state == CHANNEL_OPEN)
		loop_settle(item);
	channel_leave(c);
}

static bool
settle(struct loop_item *item)
{
	struct channel *c = channel_of_item(item);

	if (c->state != CHANNEL_OPEN)
		return true;
	channel_enter(c);
	wrote(c, flow_flush(&c->flow));
	if (c->state == CHANNEL_OPEN)
		flow_settle(&c->flow, c->count > 0);
	return channel_leave(c);
}

bool
channel_moves(struct channel *c)
{
	uint64_t went;
	int left = 0;
	bool moves;

	/* What is unread at a Unix socket's other end is counted otherwise. */
	if (c->kind != &channel_of_records ||
	    c->to.at.any.sa_family == AF_UNIX ||
	    ioctl(c->flow.item.fd, SIOCOUTQ, &left) != 0)
		return false;
	went = c->written - (uint64_t)left;
	moves = c->received > c->came || (left > 0 && went != c->went);
	c->came = c->received;
	c->went = went;
	return moves;
}

const struct channel_kind channel_of_records = {
	.run = run,
	.settle = settle,
	.start = start,
	.end = end,
	.put = put,
	.has_left = has_left,
};
