#include "rpcloop/serve/call.h"

#include "rpcloop/wire/xdr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * A reply in a datagram is no weapon against whoever the call claims to come
 * from: it is little, or not much more than the call.
 */
enum {
	SMALL_REPLY = 400,
	REPLY_RATIO = 3,
};

void
calls_init(struct calls *calls, void *context)
{
	*calls = (struct calls){ .context = context };
	hash_key_init(&calls->key);
}

void
calls_deinit(struct calls *calls)
{
	free(calls->spare);
	calls->spare = NULL;
	arena_deinit(&calls->arena);
}

struct call *
calls_next(struct calls *calls)
{
	if (calls->spare == NULL)
		calls->spare = calloc(1, sizeof(*calls->spare));
	if (calls->spare != NULL)
		calls->spare->calls = calls;
	return calls->spare;
}

const struct address *
call_from(const struct call *call)
{
	return call->connection != NULL ? &call->connection->from
					: &call->owed_datagram.origin.peer;
}

/* Most calls in datagrams are answered without anybody asking for it. */
struct peer *
call_peer(struct call *call)
{
	if (call->connection != NULL)
		return call->connection->peer;
	if (call->sender == NULL)
		call->sender =
		    peer_find(&call->datagram->net->peers, call_from(call));
	return call->sender;
}

static bool_t
never_receives(SVCXPRT *xprt, struct rpc_msg *msg)
{
	(void)xprt;
	(void)msg;
	return FALSE;
}

static enum xprt_stat
stat_idle(SVCXPRT *xprt)
{
	(void)xprt;
	return XPRT_IDLE;
}

/* Always TRUE: the dispatchers of rpcgen exit when this fails. */
static bool_t
free_arguments(SVCXPRT *xprt, xdrproc_t decode, void *arguments)
{
	if (xdr_arena(&call_of(xprt)->arguments) == NULL)
		xdr_free(decode, arguments);
	return TRUE;
}

/*
 * The dispatchers of rpcgen do not free arguments that decoded in part: done
 * here.  The arguments were zeroed by the dispatcher.
 */
static bool_t
get_arguments(SVCXPRT *xprt, xdrproc_t decode, void *arguments)
{
	struct call *call = call_of(xprt);

	errno = 0;
	if (decode(&call->arguments, arguments) &&
	    xdr_getpos(&call->arguments) == call->arguments_size)
		return TRUE;
	/* The dispatchers of rpcgen take every failure for the caller's. */
	if (errno == ENOMEM)
		svcerr_systemerr(xprt);
	free_arguments(xprt, decode, arguments);
	return FALSE;
}

static bool
is_success(const struct rpc_msg *msg)
{
	return msg->rm_reply.rp_stat == MSG_ACCEPTED &&
	    msg->acpted_rply.ar_stat == SUCCESS;
}

/*
 * RFC 5531, section 9.  The usual reply, which is a success without a verifier,
 * has its header written at once.
 */
static bool_t
put_reply(XDR *xdrs, struct rpc_msg *msg)
{
	const struct opaque_auth *verifier = &msg->acpted_rply.ar_verf;
	int32_t *words = NULL;

	if (is_success(msg) && verifier->oa_flavor == AUTH_NONE &&
	    verifier->oa_length == 0)
		words = XDR_INLINE(xdrs, CALL_SUCCESS_SIZE);
	if (words == NULL)
		return xdr_replymsg(xdrs, msg);
	call_put_success((uint8_t *)words, msg->rm_xid);
	return msg->acpted_rply.ar_results.proc(
	    xdrs, msg->acpted_rply.ar_results.where);
}

/* Appends the reply as one record of one fragment. */
static bool
put_record(struct call *call, struct rpc_msg *msg)
{
	struct buffer *out = connection_output(call->connection);
	size_t before = buffer_len(out);
	size_t len;
	XDR xdrs;

	/* One that has died stays until the turn ends, and sends nothing. */
	if (call->connection->life == CONNECTION_DEAD ||
	    buffer_reserve(out, RECORD_HEADER_SIZE) != 0)
		return false;
	buffer_commit(out, RECORD_HEADER_SIZE);
	xdrbuf_create(&xdrs, out);
	if (!put_reply(&xdrs, msg)) {
		buffer_truncate(out, before);
		return false;
	}
	len = buffer_len(out) - before - RECORD_HEADER_SIZE;
	record_put_header(buffer_head(out) + before, (uint32_t)len);
	call_show(
	    call, buffer_head(out) + before + RECORD_HEADER_SIZE, len, true);
	connection_replied(call->connection);
	return true;
}

static bool
put_datagram(struct call *call, struct rpc_msg *msg)
{
	struct buffer *out = datagram_output(call->datagram);
	size_t before = buffer_len(out);
	XDR xdrs;

	xdrbuf_create(&xdrs, out);
	if (!put_reply(&xdrs, msg) ||
	    buffer_len(out) - before > call->reply_max) {
		buffer_truncate(out, before);
		return false;
	}
	call_show(
	    call, buffer_head(out) + before, buffer_len(out) - before, true);
	datagram_replied(call->datagram, &call->owed_datagram.origin, before);
	return true;
}

/*
 * A reply that cannot be encoded leaves nothing in the output, so that an error
 * can be sent instead; after a reply that was, another one is refused, and so
 * is one that a ticket is out for.
 */
static bool_t
send_reply(SVCXPRT *xprt, struct rpc_msg *msg)
{
	struct call *call = call_of(xprt);

	if (call->answered || call->taken)
		return FALSE;
	msg->rm_xid = call->xid;
	if (!(call->connection != NULL ? put_record(call, msg)
				       : put_datagram(call, msg)))
		return FALSE;
	call->answered = true;
	if (!is_success(msg))
		counter_add(&call->calls->rejected, 1);
	return TRUE;
}

static void
destroy_nothing(SVCXPRT *xprt)
{
	(void)xprt;
}

static bool_t
refuse_control(SVCXPRT *xprt, const u_int request, void *info)
{
	(void)xprt;
	(void)request;
	(void)info;
	return FALSE;
}

static const struct xp_ops call_ops = {
	.xp_recv = never_receives,
	.xp_stat = stat_idle,
	.xp_getargs = get_arguments,
	.xp_reply = send_reply,
	.xp_freeargs = free_arguments,
	.xp_destroy = destroy_nothing,
};

static const struct xp_ops2 call_ops2 = {
	.xp_control = refuse_control,
};

/* Fills what libtirpc's interface lets a procedure look at. */
static void
prepare_xprt(struct call *call, int fd, struct address *local)
{
	const struct address *peer = call_from(call);
	SVCXPRT *xprt = &call->xprt;
	socklen_t len = peer->len;

	/* The client at a Unix socket has a family and no path. */
	if (peer->u.any.sa_family == AF_UNIX)
		len = sizeof(sa_family_t);
	*xprt = (SVCXPRT){
		.xp_fd = fd,
		.xp_ops = &call_ops,
		.xp_ops2 = &call_ops2,
		.xp_addrlen = (int)len,
		.xp_ltaddr = { .buf = &local->u,
		    .len = local->len,
		    .maxlen = sizeof(local->u) },
		.xp_rtaddr = { .buf = (void *)(uintptr_t)&peer->u,
		    .len = len,
		    .maxlen = sizeof(peer->u) },
	};
	memcpy(&xprt->xp_raddr, &peer->u, len);
}

static void
begin(struct call *call)
{
	call->answered = false;
	call->taken = false;
	call->dispatching = true;
}

void
call_begin(struct call *call, struct connection *c)
{
	call->connection = c;
	call->datagram = NULL;
	call->arrived_ms = c->read_ms;
	call->reply_max = SIZE_MAX;
	begin(call);
	prepare_xprt(call, c->flow.item.fd, &c->local);
}

void
call_begin_datagram(
    struct call *call, struct datagram *d, const struct datagram_origin *origin)
{
	call->connection = NULL;
	call->datagram = d;
	call->owed_datagram.origin = *origin;
	call->arrived_ms = d->net->loop->now_ms;
	call->reply_max = MAX_OF(origin->len * REPLY_RATIO, SMALL_REPLY);
	begin(call);
	prepare_xprt(call, d->item.fd, &d->address);
}

void
call_set_arguments(
    struct call *call, uint8_t *arguments, size_t len, bool borrows)
{
	if (borrows)
		xdrspan_borrow(
		    &call->arguments, arguments, len, &call->calls->arena);
	else
		xdrspan_create(&call->arguments, arguments, len);
	call->arguments_size = (u_int)len;
}

void
call_forget_arguments(struct call *call)
{
	if (xdr_arena(&call->arguments) == NULL)
		return;
	arena_reset(&call->calls->arena);
	if (!BASE_IS_WATCHED)
		return;
	arena_deinit(&call->calls->arena);
	if (xdr_setpos(&call->arguments, 0))
		memset(call->arguments.x_private, 0xa5, call->arguments_size);
}

void
call_end(struct call *call)
{
	call->dispatching = false;
	if (call->sender != NULL)
		account_drop(&call->sender->account);
	call->sender = NULL;
}

static void
connection_gone(struct owed_reply *owed)
{
	struct call *call = container_of(owed, struct call, owed);

	call->gone(call);
}

static void
datagram_gone(struct datagram_owed *owed)
{
	struct call *call = container_of(owed, struct call, owed_datagram);

	call->gone(call);
}

bool
call_owe(struct call *call, void (*gone)(struct call *call))
{
	struct peer *peer = call_peer(call);

	if (peer == NULL)
		return false;
	call->gone = gone;
	call->taken = true;
	if (call->connection != NULL) {
		call->owed.lost = connection_gone;
		connection_owe(call->connection, &call->owed);
	} else {
		call->owed_datagram.lost = datagram_gone;
		datagram_owe(
		    call->datagram, &call->owed_datagram, &peer->account);
	}
	return true;
}

void
call_settle(struct call *call)
{
	call->taken = false;
	if (call->connection != NULL)
		connection_settle_owed(call->connection, &call->owed);
	else
		datagram_settle_owed(call->datagram, &call->owed_datagram);
}

void
call_abandon(struct call *call)
{
	/* Over a connection the caller would wait for ever; who sent a
	 * datagram sends another. */
	if (call->connection != NULL)
		connection_kill(call->connection, "out of memory for a reply");
}
