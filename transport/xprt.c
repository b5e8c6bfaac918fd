#include "transport/xprt.h"

#include "transport/call.h"
#include "transport/header.h"
#include "transport/xdrbuf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
	xdr_free(decode, arguments);
	return FALSE;
}

/* Always TRUE: the dispatchers of rpcgen exit when this fails. */
static bool_t
free_arguments(SVCXPRT *xprt, xdrproc_t decode, void *arguments)
{
	(void)xprt;
	xdr_free(decode, arguments);
	return TRUE;
}

static bool
is_success(const struct rpc_msg *msg)
{
	return msg->rm_reply.rp_stat == MSG_ACCEPTED &&
	    msg->acpted_rply.ar_stat == SUCCESS;
}

/*
 * Appends the reply as one record of one fragment.  A reply that cannot be
 * encoded leaves nothing behind, so that an error can be sent instead; after
 * a reply that was, another one is refused, and so is one that a ticket is
 * out for.
 */
static bool_t
send_reply(SVCXPRT *xprt, struct rpc_msg *msg)
{
	struct call *call = call_of(xprt);
	struct buffer *out = connection_output(call->connection);
	size_t before = buffer_len(out);
	size_t len;
	XDR xdrs;

	if (call->answered || call->taken ||
	    buffer_reserve(out, RECORD_HEADER_SIZE) != 0)
		return FALSE;
	buffer_commit(out, RECORD_HEADER_SIZE);
	xdrbuf_create(&xdrs, out);
	msg->rm_xid = call->xid;
	if (!xdr_replymsg(&xdrs, msg)) {
		buffer_truncate(out, before);
		return FALSE;
	}
	len = buffer_len(out) - before - RECORD_HEADER_SIZE;
	record_put_header(buffer_head(out) + before, (uint32_t)len);
	call->answered = true;
	if (!is_success(msg))
		call->dispatcher->rejected++;
	connection_replied(call->connection);
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
prepare_xprt(struct call *call, struct connection *c)
{
	SVCXPRT *xprt = &call->xprt;

	*xprt = (SVCXPRT){
		.xp_fd = c->fd,
		.xp_ops = &call_ops,
		.xp_ops2 = &call_ops2,
		.xp_addrlen = (int)c->peer.len,
		.xp_ltaddr = { .buf = &c->local.u, .len = c->local.len,
		    .maxlen = sizeof(c->local.u) },
		.xp_rtaddr = { .buf = &c->peer.u, .len = c->peer.len,
		    .maxlen = sizeof(c->peer.u) },
	};
	memcpy(&xprt->xp_raddr, &c->peer.u,
	    MIN_OF(sizeof(xprt->xp_raddr), sizeof(c->peer.u)));
}

/* RFC 5531, section 9: the versions of RPC that are spoken here. */
static void
deny_version(struct call *call)
{
	struct rpc_msg msg = { .rm_direction = REPLY };

	msg.rm_reply.rp_stat = MSG_DENIED;
	msg.rjcted_rply.rj_stat = RPC_MISMATCH;
	msg.rjcted_rply.rj_vers.low = HEADER_RPC_VERSION;
	msg.rjcted_rply.rj_vers.high = HEADER_RPC_VERSION;
	send_reply(&call->xprt, &msg);
}

static enum auth_stat
authenticate(struct call *call, struct svc_req *request,
    const struct header_auth *credential)
{
	switch (credential->flavor) {
	case AUTH_NONE:
		return AUTH_OK;
	case AUTH_SYS:
		if (!credential_decode_sys(&call->sys, credential))
			return AUTH_BADCRED;
		request->rq_clntcred = &call->sys.parms;
		return AUTH_OK;
	case AUTH_SHORT:
		/* None was ever handed out: the client has to start anew. */
		return AUTH_REJECTEDCRED;
	default:
		return AUTH_BADCRED;
	}
}

static const struct xprt_program *
find_program(const struct dispatcher *d, const struct call_header *h,
    bool *known, rpcvers_t *low, rpcvers_t *high)
{
	*known = false;
	for (size_t i = 0; i < d->count; i++) {
		const struct xprt_program *p = &d->programs[i];

		if (p->program != h->program)
			continue;
		if (p->version == h->version)
			return p;
		if (!*known || p->version < *low)
			*low = p->version;
		if (!*known || p->version > *high)
			*high = p->version;
		*known = true;
	}
	return NULL;
}

static void
dispatch(struct call *call, const struct call_header *h, uint8_t *arguments,
    size_t len)
{
	struct svc_req request = {
		.rq_prog = h->program,
		.rq_vers = h->version,
		.rq_proc = h->procedure,
		.rq_cred = { .oa_flavor = (enum_t)h->credential.flavor,
		    .oa_base = (caddr_t)(uintptr_t)h->credential.body,
		    .oa_length = h->credential.len },
		.rq_xprt = &call->xprt,
	};
	const struct xprt_program *program;
	enum auth_stat why;
	rpcvers_t low = 0, high = 0;
	bool known;

	why = authenticate(call, &request, &h->credential);
	if (why != AUTH_OK) {
		svcerr_auth(&call->xprt, why);
		return;
	}
	program = find_program(call->dispatcher, h, &known, &low, &high);
	if (program != NULL) {
		xdrmem_create(&call->arguments, (char *)arguments, (u_int)len,
		    XDR_DECODE);
		call->arguments_size = (u_int)len;
		program->dispatch(&request, &call->xprt);
	} else if (known) {
		svcerr_progvers(&call->xprt, low, high);
	} else {
		svcerr_noprog(&call->xprt);
	}
}

/* The call that the next record will use; NULL when memory is out. */
static struct call *
next_call(struct dispatcher *d, struct connection *c)
{
	struct call *call = d->spare;

	if (call == NULL)
		call = d->spare = calloc(1, sizeof(*call));
	if (call == NULL)
		return NULL;
	call->dispatcher = d;
	call->connection = c;
	call->arrived_ms = c->read_ms;
	call->answered = false;
	call->taken = false;
	call->dispatching = true;
	prepare_xprt(call, c);
	return call;
}

static void
answer(struct call *call, enum header_result result,
    const struct call_header *h, uint8_t *record, size_t len)
{
	switch (result) {
	case HEADER_OTHER_VERSION:
		deny_version(call);
		break;
	case HEADER_BAD_CREDENTIAL:
		svcerr_auth(&call->xprt, AUTH_BADCRED);
		break;
	case HEADER_BAD_VERIFIER:
		svcerr_auth(&call->xprt, AUTH_BADVERF);
		break;
	case HEADER_OK:
		dispatch(call, h, record + h->size, len - h->size);
		break;
	default:
		svcerr_decode(&call->xprt);
		break;
	}
}

bool
dispatcher_record(
    void *owner, struct connection *c, uint8_t *record, size_t len)
{
	struct dispatcher *d = owner;
	enum header_result result;
	struct call_header h;
	struct call *call;

	result = header_parse(&h, record, len);
	if (result == HEADER_NOT_A_CALL)
		return false;
	call = next_call(d, c);
	if (call == NULL) {
		connection_kill(c, "out of memory for a call");
		return true;
	}
	call->xid = h.xid;
	d->calls++;
	answer(call, result, &h, record, len);
	call->dispatching = false;
	/* Without memory for its reply the caller would wait for ever. */
	if (!call->answered && !call->taken)
		connection_kill(c, "out of memory for a reply");
	/* A ticket was taken, and answered already. */
	if (call != d->spare && !call->taken)
		free(call);
	return true;
}

void
dispatcher_init(struct dispatcher *d, const struct xprt_program *programs,
    size_t count, void *context)
{
	*d = (struct dispatcher){
		.programs = programs,
		.count = count,
		.context = context,
	};
}

void
dispatcher_deinit(struct dispatcher *d)
{
	free(d->spare);
	d->spare = NULL;
}

void *
xprt_context(const SVCXPRT *xprt)
{
	return call_of(xprt)->dispatcher->context;
}

const struct address *
xprt_peer(const SVCXPRT *xprt)
{
	return &call_of(xprt)->connection->peer;
}

uint64_t
xprt_connection(const SVCXPRT *xprt)
{
	return call_of(xprt)->connection->id;
}

size_t
xprt_site_memory(const SVCXPRT *xprt)
{
	return call_of(xprt)->connection->site->memory;
}

uint64_t
xprt_arrived_ms(const SVCXPRT *xprt)
{
	return call_of(xprt)->arrived_ms;
}
