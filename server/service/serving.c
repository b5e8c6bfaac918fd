#include "server/service/serving.h"

#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/serve/dispatcher.h"
#include "rpcloop/serve/ticket.h"
#include "rpcloop/serve/xprt.h"
#include "stream/segment.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
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
 * An answer that the table owes to a call: on the stack of its procedure, and
 * on the heap once the call has to wait.
 */
struct owed_answer {
	struct stream_call call;
	struct streaming *streaming;
	SVCXPRT *xprt;         /* while its procedure runs */
	struct ticket *ticket; /* NULL until then */
};

/* Whether somebody waits for the streams to have ended, and they have. */
static bool
is_idle(const struct streaming *s)
{
	return s->idle != NULL && streams_owing(s->streams) == 0;
}

/* Sets the timer for what the table has to do next. */
static void
arm(struct streaming *s)
{
	uint64_t due = streams_next_due(s->streams);

	if (streams_has_work(s->streams) || is_idle(s))
		due = 0;
	loop_due(&s->timer, due);
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
		(*owed->streaming->failures)++;
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
	    (xdrproc_t)xdr_open_result, result);
}

static bool
answer_exchange(struct stream_call *call, exchange_result *result)
{
	return reply(container_of(call, struct owed_answer, call), result->code,
	    (xdrproc_t)xdr_exchange_result, result);
}

static void
fill_random(void *context, void *bytes, size_t len)
{
	(void)context;
	/* Up to 256 bytes come at once and whole; see getrandom(2). */
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		abort();
}

/* The connection of the call has died. */
static void
on_lost(void *arg)
{
	struct owed_answer *owed = arg;
	struct streaming *s = owed->streaming;

	streams_call_gone(&owed->call, s->engine->loop.now_ms);
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
};

/* A call that has come; false without memory. */
static bool
begin(struct owed_answer *owed, struct streaming *s, SVCXPRT *xprt)
{
	*owed = (struct owed_answer){
		.streaming = s,
		.xprt = xprt,
		.call = {
			.connection = xprt_connection(xprt),
			.peer = xprt_account(xprt),
			.datagram = xprt_is_datagram(xprt),
			.room = UINT32_MAX,
			.hurried = !xprt_may_wait(xprt),
		},
	};
	return owed->call.peer != NULL;
}

/* What is left of so many bytes beside the rest of a reply; never 0. */
static uint32_t
beside(size_t bytes, size_t rest)
{
	return bytes > rest ? (uint32_t)(bytes - rest) : 1;
}

/* What a reply may carry: messages_max bytes with messages, and no more of
 * these than may come in one datagram. */
static void
set_room(const struct streaming *s, struct owed_answer *owed,
    const SVCXPRT *xprt, size_t messages_max)
{
	size_t rest = owed->call.opens ? OPENED_BYTES : EXCHANGED_BYTES;

	if (!xprt_is_datagram(xprt))
		return;
	owed->call.space = beside(xprt_reply_max(xprt), rest);
	owed->call.room = MIN_OF(beside(messages_max, rest),
	    (uint32_t)message_cost(s->datagram_max));
}

bool
streaming_open(
    struct streaming *s, const open_args *args, struct svc_req *request)
{
	SVCXPRT *xprt = request->rq_xprt;
	struct owed_answer owed;

	if (!begin(&owed, s, xprt))
		return false;
	owed.call.host = xprt_host(xprt);
	/* Nobody knows yet whether the caller is where it says. */
	owed.call.opens = true;
	set_room(s, &owed, xprt, xprt_call_size(xprt));
	streams_open(s->streams, s->engine->loop.now_ms, args, &owed.call);
	arm(s);
	return true;
}

bool
streaming_exchange(
    struct streaming *s, const exchange_args *args, struct svc_req *request)
{
	SVCXPRT *xprt = request->rq_xprt;
	struct owed_answer owed;

	/* Whoever knows the token that was sent to an address is there. */
	if (xprt_is_datagram(xprt) &&
	    streams_opened_by(s->streams, args->stream, xprt_host(xprt)))
		xprt_trust_peer(xprt);
	if (!begin(&owed, s, xprt))
		return false;
	set_room(s, &owed, xprt, xprt_reply_max(xprt));
	streams_exchange(s->streams, s->engine->loop.now_ms, args, &owed.call);
	arm(s);
	return true;
}

void
streaming_cancel(struct streaming *s, const cancel_args *args)
{
	streams_cancel(s->streams, s->engine->loop.now_ms, args);
	arm(s);
}

static void
on_timer(struct loop_item *item, unsigned int reasons)
{
	struct streaming *s = container_of(item, struct streaming, timer);
	void (*idle)(void *owner) = s->idle;

	(void)reasons;
	streams_tick(s->streams, s->engine->loop.now_ms);
	streams_work(s->streams, s->engine->loop.now_ms);
	/* Here, and not while a call is under way: what is told may close
	 * what the call came by. */
	if (is_idle(s)) {
		s->idle = NULL;
		idle(s->owner);
	}
	arm(s);
}

static void
on_disk(struct loop_item *item, unsigned int reasons)
{
	struct streaming *s = container_of(item, struct streaming, disk);

	(void)reasons;
	streams_disk_ready(s->streams, s->engine->loop.now_ms);
	arm(s);
}

int
streaming_init(struct streaming *s, struct engine *engine,
    const struct streams_limits *limits, const struct spool_limits *spool,
    uint64_t *failures)
{
	int r;

	*s = (struct streaming){
		.engine = engine,
		.failures = failures,
		.datagram_max = MESSAGE_MAX,
	};
	r = spool_new(&s->spool, spool);
	if (r == 0)
		r = streams_new(
		    &s->streams, limits, &ops, spool_disk(s->spool), s);
	if (r != 0) {
		streaming_deinit(s);
		return r;
	}
	loop_item_init(&s->timer, &engine->loop, -1, on_timer, NULL);
	loop_item_init(
	    &s->disk, &engine->loop, spool_fd(s->spool), on_disk, NULL);
	s->listening = true;
	r = loop_timed(&s->timer);
	if (r == 0)
		r = loop_watch(&s->disk, LOOP_READABLE);
	if (r < 0)
		streaming_deinit(s);
	return r;
}

void
streaming_deinit(struct streaming *s)
{
	if (s->listening) {
		s->idle = NULL;
		streams_end_all(s->streams, clock_now_ms());
		loop_forget(&s->timer);
		loop_forget(&s->disk);
		s->listening = false;
	}
	s->streams = streams_free(s->streams);
	s->spool = spool_free(s->spool);
}

void
streaming_drain(struct streaming *s, void (*idle)(void *owner), void *owner)
{
	streams_drain(s->streams);
	s->idle = idle;
	s->owner = owner;
	arm(s);
}

void
streaming_end(struct streaming *s)
{
	streams_end_all(s->streams, clock_now_ms());
	arm(s);
}
