#include "server/service/serving.h"

#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/serve/ticket.h"
#include "rpcloop/serve/xprt.h"
#include "server/service/packed.h"
#include "server/service/service.h"
#include "server/spool/spool.h"
#include "stream/segment.h"
#include "stream/server/opening.h"
#include "stream/server/turns.h"

#include <stdlib.h>
#include <sys/random.h>

/*
 * Bytes of a reply without messages (RFC 5531, section 9; reverse.x): header,
 * status code, token and lease, a segment, and that there is no end.
 */
enum {
	HEADER_BYTES = 24,
	EXCHANGED_BYTES = HEADER_BYTES + 4 + 28 + 4,
	OPENED_BYTES = EXCHANGED_BYTES + 16 + 4,
};

/*
 * An answer that is owed to a call: on the stack of its procedure, and
 * on the heap once the call has to wait.
 */
struct owed_answer {
	struct stream_call call;
	struct serving *serving;
	SVCXPRT *xprt;         /* while its procedure runs */
	struct ticket *ticket; /* NULL until then */
};

/* Whether somebody waits for the streams to have ended, and they have. */
static bool
is_idle(const struct serving *s)
{
	return s->idle != NULL && streams_owing(s->streams) == 0;
}

/* The time for the streams, who are told first what of it the loop has lost. */
static uint64_t
now(struct serving *s)
{
	const struct loop *loop = &s->engine->loop;

	streams_excuse(s->streams, loop->fair.lost_ms);
	return loop->now_ms;
}

/* Sees to what the streams have to do next, and when. */
static void
arm(struct serving *s)
{
	if (s->ending || is_idle(s) || streams_has_work(s->streams))
		loop_put_off(&s->timer);
	loop_due(&s->timer, streams_next_due(s->streams));
}

/* The answer of a call whose procedure has not returned. */
static bool
reply_at_once(SVCXPRT *xprt, xdrproc_t encode, void *result)
{
	if (svc_sendreply(xprt, encode, result))
		return true;
	svcerr_systemerr(xprt);
	return false;
}

static bool
reply(
    struct owed_answer *owed, status_code code, xdrproc_t encode, void *result)
{
	bool sent;

	if (code != STATUS_OK)
		counter_add(&owed->serving->service->failures, 1);
	if (owed->ticket == NULL)
		return reply_at_once(owed->xprt, encode, result);
	sent = ticket_reply(owed->ticket, encode, result);
	free(owed);
	return sent;
}

static bool
answer_open(struct stream_call *call, open_result *result)
{
	return reply(container_of(call, struct owed_answer, call), result->code,
	    (xdrproc_t)packed_open_result, result);
}

static bool
answer_exchange(struct stream_call *call, exchange_result *result)
{
	return reply(container_of(call, struct owed_answer, call), result->code,
	    (xdrproc_t)packed_exchange_result, result);
}

static void
fill_random(void *context, void *bytes, size_t len)
{
	(void)context;
	/* Up to 256 bytes come at once and whole; see getrandom(2). */
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		abort();
}

static size_t
spend(void *context, size_t bytes)
{
	struct loop *l = &((struct serving *)context)->engine->loop;

	loop_spend(l, bytes);
	return loop_part(l);
}

/* The connection of the call has died. */
static void
on_lost(void *arg)
{
	struct owed_answer *owed = arg;
	struct serving *s = owed->serving;

	streams_call_gone(&owed->call, now(s));
	free(owed);
	arm(s);
}

static struct stream_call *
keep(struct stream_call *call)
{
	const struct owed_answer *owed =
	    container_of(call, struct owed_answer, call);
	struct owed_answer *kept = malloc(sizeof(*kept));

	if (kept == NULL)
		return NULL;
	*kept = *owed;
	kept->ticket = ticket_take(owed->xprt, on_lost, kept);
	if (kept->ticket != NULL)
		return &kept->call;
	free(kept);
	return NULL;
}

static const struct streams_ops ops = {
	.answer_open = answer_open,
	.answer_exchange = answer_exchange,
	.keep = keep,
	.random = fill_random,
	.spend = spend,
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

/* What is left of the bytes beside the rest of a reply; never 0. */
static uint32_t
beside(size_t bytes, size_t rest)
{
	return bytes > rest ? (uint32_t)(bytes - rest) : 1;
}

/* What a reply may carry beside the rest of it: messages_max bytes of messages,
 * and no more than may come in one datagram. */
static void
set_room(const struct serving *s, struct owed_answer *owed, size_t rest,
    size_t messages_max)
{
	size_t longest = s->service->datagram_max;

	if (!owed->call.datagram)
		return;
	owed->call.space = beside(xprt_reply_max(owed->xprt), rest);
	owed->call.room =
	    MIN_OF(beside(messages_max, rest), (uint32_t)message_cost(longest));
}

bool_t
reverse_open_1_svc(
    open_args *args, open_result *result, struct svc_req *request)
{
	struct serving *s = service_of(request)->serving;
	SVCXPRT *xprt = request->rq_xprt;
	struct owed_answer owed;

	*result = (open_result){ .code = STATUS_OUT_OF_RANGE };
	service_log_trace(request, &args->context, "OPEN");
	if (service_refuses(request, args->piece.messages.messages_val,
		args->piece.messages.messages_len, &result->open_result_u.why))
		return service_failed(request);
	if (!begin(&owed, s, xprt))
		return service_out_of_memory(request);
	owed.call.host = xprt_host(xprt);
	/* Nobody knows yet whether the caller is where it says. */
	set_room(s, &owed, OPENED_BYTES, xprt_call_size(xprt));
	streams_open(s->streams, now(s), args, &owed.call);
	arm(s);
	return FALSE;
}

bool_t
reverse_exchange_1_svc(
    exchange_args *args, exchange_result *result, struct svc_req *request)
{
	struct serving *s = service_of(request)->serving;
	SVCXPRT *xprt = request->rq_xprt;
	struct owed_answer owed;

	*result = (exchange_result){ .code = STATUS_OUT_OF_RANGE };
	if (service_refuses(request, args->piece.messages.messages_val,
		args->piece.messages.messages_len,
		&result->exchange_result_u.why))
		return service_failed(request);
	/* Whoever knows the token that was sent to an address is there. */
	if (xprt_is_datagram(xprt) &&
	    streams_opened_by(s->streams, args->stream, xprt_host(xprt)))
		xprt_trust_peer(xprt);
	if (!begin(&owed, s, xprt))
		return service_out_of_memory(request);
	set_room(s, &owed, EXCHANGED_BYTES, xprt_reply_max(xprt));
	streams_exchange(s->streams, now(s), args, &owed.call);
	arm(s);
	return FALSE;
}

bool_t
reverse_cancel_1_svc(
    cancel_args *args, cancel_result *result, struct svc_req *request)
{
	struct serving *s = service_of(request)->serving;

	streams_cancel(s->streams, now(s), args);
	arm(s);
	*result = (cancel_result){ .code = STATUS_OK };
	return TRUE;
}

static struct spool_limits
limits_of_spool(const struct settings *settings)
{
	struct spool_limits limits = spool_default_limits;

	limits.directory = settings->spool;
	limits.free_percent = settings->spool_free_percent;
	return limits;
}

/* What streams may be and have, in all and of one peer. */
static void
limit_peers(struct peers *peers, const struct settings *settings)
{
	peers_limit(peers, CHARGE_STREAMS, settings->streams,
	    settings->streams_per_client);
	peers_limit(
	    peers, CHARGE_UNPROVEN, settings->datagram_streams, CHARGE_ANY);
	peers_limit(peers, CHARGE_KEPT, settings->streams_kept, CHARGE_ANY);
	peers_limit(peers, CHARGE_SPOOL, settings->spool_total_bytes,
	    settings->spool_per_client_bytes);
}

static void
on_timer(struct loop_item *item, unsigned int reasons)
{
	struct serving *s = container_of(item, struct serving, timer);
	void (*idle)(void *owner) = s->idle;

	if (reasons & LOOP_DUE)
		streams_tick(s->streams, now(s));
	if (s->ending)
		s->ending = !streams_end_some(s->streams, now(s));
	else if (reasons & LOOP_RESUMED)
		streams_work(s->streams, now(s));
	/* Here, and not while a call is under way: what is told may close
	 * what the call came by. */
	if (is_idle(s)) {
		s->idle = NULL;
		idle(s->owner);
	}
	arm(s);
}

static void
on_disk(struct inbox_message *message)
{
	struct serving *s = container_of(message, struct serving, disk);

	streams_disk_ready(s->streams, now(s));
	arm(s);
}

/* On a thread of the spool. */
static void
wake(void *context)
{
	struct serving *s = context;

	inbox_post(&s->inbox, &s->disk);
}

int
serving_init(struct serving *s, struct service *service, struct engine *engine,
    const struct settings *settings)
{
	const struct spool_limits spool = limits_of_spool(settings);
	int r;

	*s = (struct serving){ .service = service, .engine = engine };
	service->serving = s;
	s->disk.run = on_disk;
	limit_peers(&engine->net.peers, settings);
	loop_item_init(&s->timer, &engine->loop, -1, on_timer, NULL);
	r = inbox_init(&s->inbox, &engine->loop);
	s->listening = true;
	if (r == 0)
		r = loop_timed(&s->timer);
	if (r == 0)
		r = spool_new(&s->spool, &spool, wake, s);
	if (r == 0)
		r = streams_new(&s->streams, &service->limits, &ops,
		    spool_disk(s->spool), s);
	if (r < 0)
		serving_deinit(s);
	return r;
}

void
serving_deinit(struct serving *s)
{
	s->idle = NULL;
	if (s->streams != NULL)
		streams_end_all(s->streams, clock_now_ms());
	s->streams = streams_free(s->streams);
	s->spool = spool_free(s->spool);
	if (!s->listening)
		return;
	loop_forget(&s->timer);
	inbox_deinit(&s->inbox);
	s->listening = false;
}

void
serving_drain(struct serving *s, void (*idle)(void *owner), void *owner)
{
	streams_drain(s->streams);
	s->idle = idle;
	s->owner = owner;
	arm(s);
}

void
serving_end(struct serving *s)
{
	s->ending = true;
	arm(s);
}
