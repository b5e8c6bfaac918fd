#include "server/service/serving.h"

#include "base/base.h"
#include "base/clock.h"
#include "server/service/errand.h"
#include "server/service/exchange.h"
#include "server/service/packed.h"
#include "server/service/service.h"
#include "server/service/team.h"
#include "server/spool/spool.h"
#include "stream/server/turns.h"

#include <stdlib.h>
#include <sys/random.h>

/* Whether somebody waits for the streams to have ended, and they have. */
static bool
is_idle(const struct serving *s)
{
	return s->idle != NULL && streams_owing(s->streams) == 0;
}

void
serving_arm(struct serving *s)
{
	counter_set(&s->service->streams, streams_count(s->streams));
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
	if (owed->errand != NULL)
		return errand_answer(owed->errand, encode, result);
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
	struct owed_answer *owed = container_of(call, struct owed_answer, call);

	if (owed->errand == NULL && owed->ticket == NULL &&
	    exchange_reply(owed->xprt, result))
		return true;
	return reply(
	    owed, result->code, (xdrproc_t)packed_exchange_result, result);
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

	streams_call_gone(&owed->call, serving_now(s));
	free(owed);
	serving_arm(s);
}

static struct stream_call *
keep(struct stream_call *call)
{
	const struct owed_answer *owed =
	    container_of(call, struct owed_answer, call);
	struct owed_answer *kept;

	if (owed->errand != NULL)
		return errand_keep(owed->errand, owed);
	kept = malloc(sizeof(*kept));
	if (kept == NULL)
		return NULL;
	*kept = *owed;
	kept->ticket = ticket_take(owed->xprt, on_lost, kept);
	if (kept->ticket != NULL)
		return &kept->call;
	free(kept);
	return NULL;
}

/* A stream that was opened with a nonce is not known any more. */
static void
forgot(void *context, const struct account *peer, const char *nonce)
{
	const struct serving *s = context;

	team_opened(s->service, peer, nonce, false);
}

static void
ask_to_forget(void *context, struct account *a, uint32_t worker)
{
	const struct serving *s = context;
	struct serving *other = s->service->team->members[worker]->serving;

	relief_ask(&other->relief, &other->inbox, a);
}

static const struct streams_ops ops = {
	.answer_open = answer_open,
	.answer_exchange = answer_exchange,
	.keep = keep,
	.random = fill_random,
	.spend = spend,
	.forgot = forgot,
	.ask_to_forget = ask_to_forget,
};

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
		streams_tick(s->streams, serving_now(s));
	if (s->ending)
		s->ending = !streams_end_some(s->streams, serving_now(s));
	else if (reasons & LOOP_RESUMED)
		streams_work(s->streams, serving_now(s));
	/* Here, and not while a call is under way: what is told may close
	 * what the call came by. */
	if (is_idle(s)) {
		s->idle = NULL;
		idle(s->owner);
	}
	serving_arm(s);
}

static void
on_disk(struct inbox_message *message)
{
	struct serving *s = container_of(message, struct serving, disk);

	streams_disk_ready(s->streams, serving_now(s));
	serving_arm(s);
}

static void
relieve(void *context, struct account *a)
{
	struct serving *s = context;

	streams_relieve(s->streams, a, serving_now(s));
}

static void
on_relief(struct inbox_message *message)
{
	struct serving *s =
	    container_of(message, struct serving, relief.message);

	relief_take(&s->relief, &s->engine->net.peers, relieve, s);
	serving_arm(s);
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
	relief_init(&s->relief, on_relief);
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
serving_finish(struct serving *s)
{
	s->idle = NULL;
	if (s->streams == NULL)
		return;
	streams_drain(s->streams);
	streams_end_all(s->streams, clock_now_ms());
}

void
serving_deinit(struct serving *s)
{
	serving_finish(s);
	s->streams = streams_free(s->streams);
	s->spool = spool_free(s->spool);
	arena_deinit(&s->arena);
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
	serving_arm(s);
}

void
serving_end(struct serving *s)
{
	s->ending = true;
	serving_arm(s);
}
