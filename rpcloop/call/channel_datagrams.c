/* Channels for datagrams: UDP. */
#include "rpcloop/call/channel_kind.h"

#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/wire/xdr.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* What IPv4 carries at most (RFC 768). */
	DATAGRAM_MAX = 65507,
	/* Datagrams that are read before others have their turn. */
	ROUND = 64,
	/* No call is sent less often. */
	SELDOM_MS = 1000,
	/* Of IP, without options, and UDP. */
	IPV4_HEADERS = 20 + 8,
	IPV6_HEADERS = 40 + 8,
	/* What every link carries that IPv6 takes (RFC 8200, section 5). */
	ANY_MTU = 1280,
};

static int
start(struct channel *c)
{
	int r;

	if (connect(c->flow.item.fd, &c->to.at.any, c->to.len) != 0)
		return -errno;
	r = loop_watch(&c->flow.item, LOOP_READABLE);
	if (r == 0)
		c->state = CHANNEL_OPEN;
	return r;
}

static void
end(struct channel *c)
{
	if (c->flow.item.fd < 0)
		return;
	loop_forget(&c->flow.item);
	close(c->flow.item.fd);
}

static enum clnt_stat
put(struct channel_call *call, const struct caller_call *what)
{
	XDR xdrs;

	call->message.max = DATAGRAM_MAX;
	xdrbuf_create(&xdrs, &call->message);
	if (!caller_put_call(&xdrs, what)) {
		buffer_deinit(&call->message);
		return RPC_CANTENCODEARGS;
	}
	call->call_bytes = buffer_len(&call->message);
	loop_settle(&call->channel->flow.item);
	return RPC_SUCCESS;
}

static bool
has_left(const struct channel_call *call)
{
	return call->sends > 0;
}

/* When a call that was sent that often is sent once more, and no earlier. */
static uint64_t
next_time(const struct channel_call *call)
{
	unsigned int doubled = call->steady ? 0 : call->sends - 1;
	uint64_t wait = call->channel->resend_ms << MIN_OF(doubled, 16u);

	return clock_now_ms() + 1 + MIN_OF(wait, (uint64_t)SELDOM_MS);
}

/* What the path does not take ends the call, what the host cannot send now is
 * sent again, and anything else ends the channel.  Returns as send_message().
 */
static bool
could_not_send(struct channel_call *call, int error)
{
	const struct rpc_err too_long = {
		.re_status = RPC_CANTSEND,
		.re_errno = EMSGSIZE,
	};

	if (error == EAGAIN || error == EINTR || error == ENOBUFS)
		return true;
	if (error == EMSGSIZE)
		channel_finish(call, &too_long);
	else
		channel_break(call->channel, error);
	return false;
}

/* Whether the call is still in flight: if not, it may be gone. */
static bool
send_message(struct channel_call *call)
{
	struct channel *c = call->channel;
	const struct buffer *message = &call->message;
	ssize_t n = send(c->flow.item.fd, buffer_head(message),
	    buffer_len(message), MSG_NOSIGNAL);

	if (call->sends < CHANNEL_SENT_MAX)
		call->sent_ns[call->sends] = clock_now_ns();
	call->sends++;
	channel_look_at(call, next_time(call));
	return n >= 0 || could_not_send(call, errno);
}

static void
again(struct channel_call *call)
{
	if (send_message(call) && call->resent != NULL)
		call->resent(call);
}

/* Receives one datagram; false when there is none. */
static bool
receive(struct channel *c)
{
	ssize_t n = recv(c->flow.item.fd, c->scratch, CHANNEL_SCRATCH, 0);

	if (n >= 0) {
		c->came_ns = clock_now_ns();
		channel_receive(c, c->scratch, (size_t)n);
		return true;
	}
	if (errno == EINTR)
		return true;
	/* EMSGSIZE is of the path, and of a call that is sent again. */
	if (errno != EAGAIN && errno != EMSGSIZE)
		channel_break(c, errno);
	return false;
}

static void
run(struct loop_item *item, unsigned int reasons)
{
	struct channel *c = channel_of_item(item);

	channel_enter(c);
	if (reasons & LOOP_LOST)
		channel_break(c, ENOMEM);
	for (int i = 0; i < ROUND && c->state == CHANNEL_OPEN && !c->closed;
	     i++)
		if (!receive(c))
			break;
	channel_leave(c);
}

/* The first call from the end that was never sent; NULL. */
static struct channel_call *
first_unsent(const struct channel *c)
{
	struct channel_call *call, *first = NULL;

	TAILQ_FOREACH_REVERSE(call, &c->calls, channel_calls, entry)
	{
		if (call->sends > 0)
			break;
		first = call;
	}
	return first;
}

static bool
settle(struct loop_item *item)
{
	struct channel *c = channel_of_item(item);
	struct channel_call *call = first_unsent(c), *next;

	channel_enter(c);
	while (call != NULL) {
		next = TAILQ_NEXT(call, entry);
		/* Whoever was told may have ended others. */
		call = send_message(call) ? next : first_unsent(c);
	}
	return channel_leave(c);
}

uint32_t
channel_datagram_bytes(const struct channel *c)
{
	bool is_6 = c->to.at.any.sa_family == AF_INET6;
	int mtu = 0, headers = is_6 ? IPV6_HEADERS : IPV4_HEADERS;
	socklen_t len = sizeof(mtu);

	/* Not each kernel tells. */
	if (getsockopt(c->flow.item.fd, is_6 ? IPPROTO_IPV6 : IPPROTO_IP,
		is_6 ? IPV6_MTU : IP_MTU, &mtu, &len) != 0)
		mtu = ANY_MTU;
	return mtu > headers ? (uint32_t)(mtu - headers) : 0;
}

const struct channel_kind channel_of_datagrams = {
	.run = run,
	.settle = settle,
	.start = start,
	.end = end,
	.put = put,
	.has_left = has_left,
	.again = again,
};
