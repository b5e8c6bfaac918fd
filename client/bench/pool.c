#include "client/bench/pool.h"

#include "base/backoff.h"
#include "base/base.h"
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static void look_for_server(struct pool *pool);

/* It is in the list if it can be called. */
static void
list(struct pool_link *link)
{
	struct pool *pool = link->pool;
	bool can = link->channel != NULL &&
	    link->channel->state != CHANNEL_BROKEN && !TAILQ_EMPTY(&link->free);

	if (can == link->listed)
		return;
	if (can)
		TAILQ_INSERT_TAIL(&pool->listed, link, entry);
	else
		TAILQ_REMOVE(&pool->listed, link, entry);
	link->listed = can;
}

/* Its connection is gone, and with it all calls. */
static void
lose(struct pool_link *link)
{
	struct pool *pool = link->pool;

	say_step("a connection is lost, and will be made again");
	pulse_stop(&link->pulse);
	channel_close(link->channel);
	link->channel = NULL;
	list(link);
	if (!link->answered)
		pool->attempts++;
	if (--pool->connected == 0)
		pool->lost_ms = clock_now_ms();
	TAILQ_INSERT_TAIL(&pool->lost, link, entry);
	look_for_server(pool);
}

static void
on_broke(struct channel *channel, void *context)
{
	(void)channel;
	lose(context);
}

static void
end_call(struct pool_slot *slot, const struct rpc_err *error)
{
	struct pool_link *link = slot->link;
	const struct pool_terms *terms = &link->pool->terms;

	slot->flies = false;
	TAILQ_INSERT_TAIL(&link->free, slot, entry);
	list(link);
	if (--link->flying == 0)
		pulse_stop(&link->pulse);
	terms->ops->ended(terms->context, slot, error);
}

static void
on_done(struct channel_call *call, const struct rpc_err *error)
{
	struct pool_slot *slot = container_of(call, struct pool_slot, call);
	struct pool_link *link = slot->link;
	struct session *session = link->pool->terms.session;

	if (settings_traces(session->settings))
		session->peer = link->channel->to;
	session_note_call(
	    session, link->pool->terms.procedure->name, call, error);
	if (error->re_status == RPC_SUCCESS) {
		pulse_heard(&link->pulse);
		link->answered = true;
		link->pool->attempts = 0;
	}
	end_call(slot, error);
}

static void
on_asked(
    void *context, const struct channel_call *call, const struct rpc_err *error)
{
	const struct pool_link *link = context;
	struct session *session = link->pool->terms.session;

	session_note_call(session, session->service->ping, call, error);
}

/* Another connection is to take its place; its calls fail. */
static void
leave(struct pool_link *link, const struct rpc_err *error)
{
	lose(link);
	for (unsigned int i = 0; i < link->pool->terms.in_flight; i++)
		if (link->slots[i].flies)
			end_call(&link->slots[i], error);
}

/* The server hangs, and there are others. */
static void
on_over(void *context, enum pulse_end how)
{
	static const struct rpc_err error = {
		.re_status = RPC_CANTRECV,
		.re_errno = ETIMEDOUT,
	};
	struct pool_link *link = context;

	(void)how;
	/* What hangs on several connections is one server. */
	if (!link->pool->avoids)
		find_avoid(&link->pool->find);
	link->pool->avoids = true;
	leave(link, &error);
}

/* It owes an answer from now on. */
static void
listen_to(struct pool_link *link)
{
	static const struct pulse_ops ops = { on_asked, on_over };
	const struct session *session = link->pool->terms.session;
	const struct pulse_terms terms = {
		.channel = link->channel,
		.service = session->service,
		.auth = session->auth,
		.asks = true,
		.limit_ms = TIMER_NEVER,
		.ops = &ops,
		.context = link,
	};

	if (find_has_others(&link->pool->find))
		pulse_listen(&link->pulse, &terms);
}

static void
take(struct pool *pool, struct channel *channel)
{
	struct pool_link *link = TAILQ_FIRST(&pool->lost);
	char where[ENDPOINT_TEXT_SIZE];

	say_step("connected to %s", endpoint_text(&channel->to, where));
	TAILQ_REMOVE(&pool->lost, link, entry);
	pool->connected++;
	pool->avoids = false;
	pool->terms.session->peer = channel->to;
	link->channel = channel;
	link->answered = false;
	list(link);
	pool->terms.ops->ready(pool->terms.context);
	look_for_server(pool);
}

static void
on_found(void *context, struct channel *channel)
{
	struct pool *pool = context;
	uint64_t without_ms;

	pool->finding = false;
	if (channel != NULL) {
		take(pool, channel);
		return;
	}
	pool->attempts++;
	without_ms = clock_now_ms() - pool->lost_ms;
	pool->terms.ops->nobody(pool->terms.context,
	    pool->connected == 0 &&
		without_ms >= pool->terms.session->settings->retry_ms);
	look_for_server(pool);
}

static void
search(struct pool *pool)
{
	pool->finding = true;
	pool->find.terms.context = TAILQ_FIRST(&pool->lost);
	find_start(&pool->find, true, on_found, pool);
}

static void
on_retry(struct loop_item *item, unsigned int reasons)
{
	struct pool *pool = container_of(item, struct pool, retry);

	(void)reasons;
	if (!pool->finding && !TAILQ_EMPTY(&pool->lost))
		search(pool);
}

/* Now, or after a pause.  Without randomness that is the shortest there is. */
static void
look_for_server(struct pool *pool)
{
	uint32_t random = 0;

	if (pool->finding || TAILQ_EMPTY(&pool->lost))
		return;
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = 0;
	loop_due(
	    &pool->retry, clock_now_ms() + backoff_ms(pool->attempts, random));
}

static int
init_link(struct pool *pool, struct pool_link *link)
{
	unsigned int count = pool->terms.in_flight;

	link->pool = pool;
	TAILQ_INIT(&link->free);
	TAILQ_INSERT_TAIL(&pool->lost, link, entry);
	link->slots = calloc(count, sizeof(*link->slots));
	if (link->slots == NULL ||
	    pulse_init(&link->pulse, &pool->terms.session->loop) != 0)
		return -ENOMEM;
	for (unsigned int i = 0; i < count; i++) {
		link->slots[i].link = link;
		link->slots[i].call.done = on_done;
		TAILQ_INSERT_TAIL(&link->free, &link->slots[i], entry);
	}
	return 0;
}

int
pool_init(struct pool *pool, const struct pool_terms *terms)
{
	struct session *session = terms->session;
	int r;

	memset(pool, 0, sizeof(*pool));
	pool->terms = *terms;
	TAILQ_INIT(&pool->listed);
	TAILQ_INIT(&pool->lost);
	pool->lost_ms = clock_now_ms();
	loop_item_init(&pool->retry, &session->loop, -1, on_retry, NULL);
	r = find_init(
	    &pool->find, &session->loop, session->settings, &session->tried);
	pool->find.tracer = &session->tracer;
	pool->find.terms = session->find.terms;
	pool->find.terms.broke = on_broke;
	if (r == 0)
		r = loop_timed(&pool->retry);
	pool->links = calloc(terms->connections, sizeof(*pool->links));
	if (pool->links == NULL)
		r = -ENOMEM;
	for (unsigned int i = 0; r == 0 && i < terms->connections; i++)
		r = init_link(pool, &pool->links[i]);
	if (r == 0)
		look_for_server(pool);
	return r;
}

void
pool_deinit(struct pool *pool)
{
	find_deinit(&pool->find);
	loop_forget(&pool->retry);
	for (unsigned int i = 0;
	     pool->links != NULL && i < pool->terms.connections; i++) {
		struct pool_link *link = &pool->links[i];

		if (link->pulse.item.loop != NULL)
			pulse_deinit(&link->pulse);
		channel_close(link->channel);
		free(link->slots);
	}
	free(pool->links);
	pool->links = NULL;
}

struct pool_slot *
pool_next(struct pool *pool)
{
	struct pool_link *link = TAILQ_FIRST(&pool->listed);
	struct pool_slot *slot = TAILQ_FIRST(&link->free);

	TAILQ_REMOVE(&link->free, slot, entry);
	/* To the end of the list, or out of it. */
	TAILQ_REMOVE(&pool->listed, link, entry);
	link->listed = false;
	list(link);
	return slot;
}

void
pool_call(struct pool_slot *slot, void *args, uint64_t limit_ms)
{
	struct pool_link *link = slot->link;
	const struct pool_terms *terms = &link->pool->terms;
	const struct procedure *procedure = terms->procedure;
	const struct channel_question question = {
		.program = terms->session->service->program,
		.version = terms->session->service->version,
		.procedure = procedure->number,
		.auth = terms->session->auth,
		.args = procedure->args,
		.args_value = args,
		.result = procedure->result,
		.value = &slot->result,
		.borrows = true,
		.ms = limit_ms,
	};
	struct rpc_err error = { .re_status = RPC_SUCCESS };

	memset(&slot->result, 0, sizeof(slot->result));
	slot->flies = true;
	if (link->flying++ == 0)
		listen_to(link);
	error.re_status = channel_send(link->channel, &slot->call, &question);
	if (error.re_status != RPC_SUCCESS)
		leave(link, &error);
}
