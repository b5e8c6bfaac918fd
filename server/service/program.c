#include "server/service/program.h"

#include "base/base.h"
#include "rpcloop/serve/xprt.h"
#include "rpcloop/wire/xdr.h"
#include "server/service/errand.h"
#include "server/service/exchange.h"
#include "server/service/result.h"
#include "server/service/service.h"
#include "server/service/serving.h"
#include "server/service/team.h"
#include "server/service/text.h"
#include "stream/segment.h"
#include "stream/server/opening.h"

/* What rpcgen made of the program; it writes no declaration of it. */
void reverse_prog_1(struct svc_req *rqstp, SVCXPRT *transp);

/* What a server is called for most is done by hand, where it can be. */
static void
dispatch(struct svc_req *request, SVCXPRT *xprt)
{
	if (request->rq_proc == REVERSE_TEXT && text_answer(request))
		return;
	if (request->rq_proc == REVERSE_EXCHANGE && exchange_answer(request))
		return;
	reverse_prog_1(request, xprt);
}

const struct xprt_program service_programs[] = {
	{ REVERSE_PROG, REVERSE_V1, dispatch, .borrows = true },
};
const size_t service_program_count = ARRAY_LEN(service_programs);

/*
 * Bytes of a reply without messages (RFC 5531, section 9; reverse.x): header,
 * status code, token and lease, a segment, and that there is no end.
 */
enum {
	EXCHANGED_BYTES = OWED_HEADER_BYTES + 4 + 28 + 4,
	OPENED_BYTES = EXCHANGED_BYTES + 16 + 4,
};

/* What is left of the bytes beside the rest of a reply; never 0. */
static uint32_t
beside(size_t bytes, size_t rest)
{
	return bytes > rest ? (uint32_t)(bytes - rest) : 1;
}

/* What a reply in a datagram may carry beside the rest of it: messages_max
 * bytes of messages, and no more than may come in one datagram. */
static void
set_room(const struct serving *s, struct stream_call *call, size_t reply_max,
    size_t rest, size_t messages_max)
{
	size_t longest = s->service->datagram_max;

	if (!call->datagram)
		return;
	call->space = beside(reply_max, rest);
	call->room =
	    MIN_OF(beside(messages_max, rest), (uint32_t)message_cost(longest));
}

static void
call_open(struct serving *s, const open_args *args, struct owed_answer *owed,
    const struct owed_room *room)
{
	struct account *peer = owed->call.peer;

	/* Nobody knows yet whether the caller is where it says. */
	set_room(s, &owed->call, room->reply, OPENED_BYTES, room->call);
	streams_open(s->streams, serving_now(s), args, &owed->call);
	team_opened(s->service, peer, args->nonce,
	    streams_find_again(s->streams, peer, args->nonce) != NULL);
	serving_arm(s);
}

static void
call_exchange(struct serving *s, const exchange_args *args,
    struct owed_answer *owed, const struct owed_room *room)
{
	set_room(s, &owed->call, room->reply, EXCHANGED_BYTES, room->reply);
	streams_exchange(s->streams, serving_now(s), args, &owed->call);
	serving_arm(s);
}

static void
call_cancel(struct serving *s, const cancel_args *args)
{
	streams_cancel(s->streams, serving_now(s), args);
	serving_arm(s);
}

/* Decodes what is borrowed until the arena is reset. */
static bool
decode(struct errand *e, xdrproc_t xdr, void *arguments)
{
	XDR xdrs;

	xdrspan_borrow(&xdrs, e->arguments, e->len, &e->route.serving->arena);
	return xdr(&xdrs, arguments);
}

static bool
run_open(struct errand *e, struct owed_answer *owed)
{
	const struct service *s = e->route.serving->service;
	open_args args = { 0 };
	struct serving *other;

	if (!decode(e, (xdrproc_t)xdr_open_args, &args))
		return false;
	/* Its stream may have gone meanwhile, and the nonce be another's. */
	other = team_opener(s, owed->call.peer, args.nonce);
	if (other != NULL)
		errand_redirect(e, other, &other->inbox);
	else
		call_open(e->route.serving, &args, owed, &e->room);
	return true;
}

static bool
run_exchange(struct errand *e, struct owed_answer *owed)
{
	exchange_args args = { 0 };

	if (!decode(e, (xdrproc_t)xdr_exchange_args, &args))
		return false;
	if (owed->call.datagram &&
	    streams_opened_by(
		e->route.serving->streams, args.stream, owed->call.host)) {
		e->trusts_peer = true;
		e->room.reply = DATAGRAM_SIZE_MAX;
	}
	call_exchange(e->route.serving, &args, owed, &e->room);
	return true;
}

static bool
run_cancel(struct errand *e)
{
	cancel_result result = { .code = STATUS_OK };
	cancel_args args;

	if (!decode(e, (xdrproc_t)xdr_cancel_args, &args))
		return false;
	call_cancel(e->route.serving, &args);
	errand_answer(e, (xdrproc_t)xdr_cancel_result, &result);
	return true;
}

/* Returns false when memory is out; else the errand may have gone home. */
static bool
run_by(struct errand *e, struct account *peer)
{
	struct owed_answer owed = e->owed;

	owed.call.peer = peer;
	switch (e->procedure) {
	case REVERSE_OPEN:
		return run_open(e, &owed);
	case REVERSE_EXCHANGE:
		return run_exchange(e, &owed);
	default:
		return run_cancel(e);
	}
}

static bool
run_errand(struct errand *e)
{
	struct serving *s = e->route.serving;
	struct peer *peer = peer_find(&s->engine->net.peers, &e->from);
	bool done = peer != NULL && run_by(e, &peer->account);

	arena_reset(&s->arena);
	if (peer != NULL)
		account_drop(&peer->account);
	return done;
}

static void
on_errand_gone(struct errand *e)
{
	struct serving *s = e->route.serving;

	streams_call_gone(&e->owed.call, serving_now(s));
	serving_arm(s);
}

static const struct errand_ops errand_ops = {
	.run = run_errand,
	.gone = on_errand_gone,
};

/* A call that has come; false without memory. */
static bool
begin(struct owed_answer *owed, struct serving *s, SVCXPRT *xprt)
{
	*owed = (struct owed_answer){
		.serving = s,
		.xprt = xprt,
		.call = {
			.connection = xprt_connection(xprt),
			.peer = xprt_account(xprt),
			.datagram = xprt_is_datagram(xprt),
			.room = UINT32_MAX,
			.at_once = !xprt_may_wait(xprt),
		},
	};
	return owed->call.peer != NULL;
}

/* Sends it to the worker that has the stream.  Returns what the procedure
 * returns, with a failure for its result if it has one. */
static bool_t
send_away(struct serving *away, const struct svc_req *request,
    status_code *code, failure *why)
{
	struct service *s = service_of(request);
	struct owed_answer owed;
	const struct errand_route route = {
		.home = &s->serving->inbox,
		.away = &away->inbox,
		.serving = away,
		.ops = &errand_ops,
	};
	int r;

	if (!begin(&owed, away, request->rq_xprt))
		return service_out_of_memory(request);
	owed.call.host = xprt_host(request->rq_xprt);
	r = errand_send(&route, request, &owed.call);
	if (r < 0)
		return service_out_of_memory(request);
	if (r != ERRAND_REFUSED)
		return FALSE;
	*code = STATUS_RESOURCE_EXHAUSTED;
	result_fail(why, *code, "the server is short of memory");
	why->retry_after_ms = s->limits.retry_after_ms;
	return service_failed(request);
}

bool_t
reverse_open_1_svc(
    open_args *args, open_result *result, struct svc_req *request)
{
	struct service *service = service_of(request);
	SVCXPRT *xprt = request->rq_xprt;
	const struct owed_room room = { xprt_call_size(xprt),
		xprt_reply_max(xprt) };
	struct owed_answer owed;
	struct serving *away;

	*result = (open_result){ .code = STATUS_OUT_OF_RANGE };
	service_log_trace(request, &args->context, "OPEN");
	if (service_refuses(request, args->piece.messages.messages_val,
		args->piece.messages.messages_len, &result->open_result_u.why))
		return service_failed(request);
	if (!begin(&owed, service->serving, xprt))
		return service_out_of_memory(request);
	away = team_opener(service, owed.call.peer, args->nonce);
	if (away != NULL)
		return send_away(
		    away, request, &result->code, &result->open_result_u.why);
	owed.call.host = xprt_host(xprt);
	call_open(service->serving, args, &owed, &room);
	return FALSE;
}

bool_t
reverse_exchange_1_svc(
    exchange_args *args, exchange_result *result, struct svc_req *request)
{
	struct service *service = service_of(request);
	struct serving *s = service->serving, *away;
	SVCXPRT *xprt = request->rq_xprt;
	struct owed_room room;
	struct owed_answer owed;

	*result = (exchange_result){ .code = STATUS_OUT_OF_RANGE };
	if (service_refuses(request, args->piece.messages.messages_val,
		args->piece.messages.messages_len,
		&result->exchange_result_u.why))
		return service_failed(request);
	away = team_owner(service, args->stream);
	if (away != NULL)
		return send_away(away, request, &result->code,
		    &result->exchange_result_u.why);
	/* Whoever knows the token that was sent to an address is there. */
	if (xprt_is_datagram(xprt) &&
	    streams_opened_by(s->streams, args->stream, xprt_host(xprt)))
		xprt_trust_peer(xprt);
	if (!begin(&owed, s, xprt))
		return service_out_of_memory(request);
	room = (struct owed_room){ xprt_call_size(xprt), xprt_reply_max(xprt) };
	call_exchange(s, args, &owed, &room);
	return FALSE;
}

bool_t
reverse_cancel_1_svc(
    cancel_args *args, cancel_result *result, struct svc_req *request)
{
	struct service *service = service_of(request);
	struct serving *away = team_owner(service, args->stream);

	*result = (cancel_result){ .code = STATUS_OK };
	if (away != NULL)
		return send_away(
		    away, request, &result->code, &result->cancel_result_u.why);
	call_cancel(service->serving, args);
	return TRUE;
}

int
reverse_prog_1_freeresult(SVCXPRT *xprt, xdrproc_t encode, caddr_t result)
{
	(void)xprt;
	xdr_free(encode, result);
	return TRUE;
}
