#include "rpcloop/serve/dispatcher.h"

#include "rpcloop/serve/call.h"
#include "rpcloop/wire/header.h"
#include "rpcloop/wire/xdr.h"

#include <stdlib.h>

/* RFC 5531, section 9: the versions of RPC that are spoken here. */
static void
deny_version(struct call *call)
{
	struct rpc_msg msg = { .rm_direction = REPLY };

	msg.rm_reply.rp_stat = MSG_DENIED;
	msg.rjcted_rply.rj_stat = RPC_MISMATCH;
	msg.rjcted_rply.rj_vers.low = HEADER_RPC_VERSION;
	msg.rjcted_rply.rj_vers.high = HEADER_RPC_VERSION;
	SVC_REPLY(&call->xprt, &msg);
}

static enum auth_stat
authenticate(struct call *call, struct svc_req *request,
    const struct header_auth *credential)
{
	switch (credential->flavor) {
	case AUTH_NONE:
		return AUTH_OK;
	case AUTH_SYS:
		request->rq_clntcred = &call->sys.parms;
		return sys_authenticate(
		    &call->sys, credential, call_from(call));
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
	const struct dispatcher *d =
	    container_of(call->calls, struct dispatcher, calls);
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
	program = find_program(d, h, &known, &low, &high);
	if (program != NULL) {
		call_set_arguments(call, arguments, len, program->borrows);
		program->dispatch(&request, &call->xprt);
		call_forget_arguments(call);
	} else if (known) {
		svcerr_progvers(&call->xprt, low, high);
	} else {
		svcerr_noprog(&call->xprt);
	}
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

/* Shows a call, of which is known what its reply does not say. */
static void
show(struct call *call, enum header_result result, const struct call_header *h,
    const uint8_t *record, size_t len)
{
	bool says = result == HEADER_OK;

	call->program = says ? h->program : 0;
	call->version = says ? h->version : 0;
	call->procedure = says ? h->procedure : 0;
	call_show_message(call, record, len, false);
}

/* A call whose header was looked at, from its beginning to its end. */
static void
run(struct call *call, enum header_result result, const struct call_header *h,
    uint8_t *record, size_t len)
{
	struct calls *calls = call->calls;

	call->xid = h->xid;
	if (calls->seen != NULL)
		show(call, result, h, record, len);
	counter_add(&calls->received, 1);
	answer(call, result, h, record, len);
	call_end(call);
	if (!call->answered && !call->taken)
		call_abandon(call);
	/* A ticket was taken, and answered already. */
	if (call != calls->spare && !call->taken)
		free(call);
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
	call = calls_next(&d->calls);
	if (call == NULL) {
		connection_kill(c, "out of memory for a call");
		return true;
	}
	call_begin(call, c);
	run(call, result, &h, record, len);
	return true;
}

void
dispatcher_datagram(struct datagram *d, const struct datagram_origin *origin,
    uint8_t *message, size_t len)
{
	enum header_result result;
	struct call_header h;
	struct dispatcher *owner = d->net->owner;
	struct call *call;

	result = header_parse(&h, message, len);
	/* To answer a reply could go on for ever. */
	if (result == HEADER_NOT_A_CALL)
		return;
	call = calls_next(&owner->calls);
	if (call == NULL)
		return;
	call_begin_datagram(call, d, origin);
	run(call, result, &h, message, len);
}

void
dispatcher_init(struct dispatcher *d, const struct xprt_program *programs,
    size_t count, void *context)
{
	*d = (struct dispatcher){
		.programs = programs,
		.count = count,
	};
	calls_init(&d->calls, context);
}

void
dispatcher_show(struct dispatcher *d, seen_fn *seen, void *context)
{
	d->calls.seen = seen;
	d->calls.seen_context = context;
}

void
dispatcher_deinit(struct dispatcher *d)
{
	calls_deinit(&d->calls);
}
