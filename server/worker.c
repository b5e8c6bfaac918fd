#include "server/worker.h"

#include "base/log.h"
#include "base/thread.h"
#include "rpcloop/net/datagram.h"
#include "server/service/program.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool
is_first(const struct worker *worker)
{
	return worker == worker->all->first;
}

/* How long turns were since it was last told. */
static void
log_turns(const struct workers *w)
{
	uint64_t turns = 0, longest = 0;

	for (unsigned int i = 0; i < w->made; i++) {
		turns += w->first[i].measured.turns;
		longest = MAX_OF(longest, w->first[i].measured.longest_ns);
	}
	log_info("turns: %" PRIu64 ", longest %" PRIu64 " us of CPU", turns,
	    longest / 1000);
}

static void
note(struct workers *w, enum worker_news news)
{
	if (++w->counts[news] < w->count)
		return;
	w->counts[news] = 0;
	if (news == WORKER_MEASURED)
		log_turns(w);
	else
		w->told(w->owner, news);
}

static void
on_news(struct inbox_message *message)
{
	struct worker_letter *letter =
	    container_of(message, struct worker_letter, message);
	const struct worker *worker = letter->worker;

	note(worker->all, (enum worker_news)(letter - worker->news));
}

static void
tell(struct worker *worker, enum worker_news news)
{
	if (is_first(worker))
		note(worker->all, news);
	else
		inbox_post(&worker->all->crew.members[0].inbox,
		    &worker->news[news].message);
}

static void
on_idle(void *owner)
{
	tell(owner, WORKER_IDLE);
}

static void
on_drained(void *owner)
{
	tell(owner, WORKER_DRAINED);
}

static void
drain(struct worker *worker)
{
	worker->service.draining = true;
	serving_drain(&worker->serving, on_idle, worker);
}

static void
end_streams(struct worker *worker)
{
	serving_end(&worker->serving);
}

static void
finish(struct worker *worker)
{
	engine_drain(&worker->engine, on_drained, worker);
}

static void
take_meter(struct worker *worker)
{
	struct loop_meter *meter = &worker->engine.loop.meter;

	worker->measured = *meter;
	meter->turns = meter->longest_ns = 0;
}

static void
measure(struct worker *worker)
{
	take_meter(worker);
	tell(worker, WORKER_MEASURED);
}

static void (*const orders[WORKER_ORDERS])(struct worker *worker) = {
	[WORKER_DRAIN] = drain,
	[WORKER_END_STREAMS] = end_streams,
	[WORKER_FINISH] = finish,
	[WORKER_MEASURE] = measure,
};

static void
on_order(struct inbox_message *message)
{
	struct worker_letter *letter =
	    container_of(message, struct worker_letter, message);
	struct worker *worker = letter->worker;

	orders[letter - worker->orders](worker);
}

void
workers_order(struct workers *w, enum worker_order order)
{
	for (unsigned int i = 1; i < w->count; i++)
		inbox_post(&w->crew.members[i].inbox,
		    &w->first[i].orders[order].message);
	orders[order](w->first);
}

void
workers_tell_turns(struct workers *w)
{
	/* It was asked already, and somebody has not told. */
	if (w->counts[WORKER_MEASURED] == 0)
		workers_order(w, WORKER_MEASURE);
}

static void
set_letters(struct worker *worker)
{
	for (int i = 0; i < WORKER_ORDERS; i++) {
		worker->orders[i].worker = worker;
		worker->orders[i].message.run = on_order;
	}
	for (int i = 0; i < WORKER_NEWS; i++) {
		worker->news[i].worker = worker;
		worker->news[i].message.run = on_news;
	}
}

/* Makes it number i of several. */
static int
join(struct workers *w, unsigned int i)
{
	struct worker *worker = &w->first[i];

	if (w->count == 1)
		return 0;
	/* All datagrams of a host are one connection, whoever reads them. */
	worker->dispatcher.calls.key = w->first->dispatcher.calls.key;
	team_join(&w->team, i, &worker->service);
	return crew_join(&w->crew, i, &worker->engine);
}

static int
prepare(struct workers *w, unsigned int i, const struct settings *settings,
    const struct engine_limits *limits)
{
	struct worker *worker = &w->first[i];
	int r = engine_init(
	    &worker->engine, limits, dispatcher_record, &worker->dispatcher);

	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return r;
	}
	worker->engine.loop.meter.on = settings->turn_cpu;
	dispatcher_init(&worker->dispatcher, service_programs,
	    service_program_count, &worker->service);
	if (settings->trace)
		tracing_start(&worker->tracing, &worker->dispatcher);
	r = service_init(
	    &worker->service, &worker->engine, &worker->dispatcher, settings);
	if (r == 0)
		r = join(w, i);
	if (r == 0)
		r = serving_init(&worker->serving, &worker->service,
		    &worker->engine, settings);
	if (r < 0)
		log_error("cannot set up the service: %s", strerror(-r));
	return r;
}

/* What several share. */
static int
prepare_shared(struct workers *w)
{
	int r;

	if (w->count == 1)
		return 0;
	heap_share();
	r = crew_init(&w->crew, w->count);
	return r == 0 ? team_init(&w->team, w->count) : r;
}

int
workers_init(struct workers *w, const struct settings *settings,
    const struct engine_limits *limits)
{
	int r;

	w->first = calloc(w->count, sizeof(*w->first));
	r = w->first != NULL ? prepare_shared(w) : -ENOMEM;
	if (r < 0)
		log_error("cannot start: %s", strerror(-r));
	for (unsigned int i = 0; r == 0 && i < w->count; i++) {
		w->made++;
		w->first[i].all = w;
		set_letters(&w->first[i]);
		r = prepare(w, i, settings, limits);
	}
	return r;
}

/* Runs what they had for each other, until all errands are home. */
static void
run_inboxes(struct workers *w)
{
	bool any;

	do {
		any = crew_run(&w->crew);
		for (unsigned int i = 0; i < w->made; i++)
			any |= inbox_run_all(&w->first[i].serving.inbox);
	} while (any);
}

void
workers_finish(struct workers *w)
{
	for (unsigned int i = 0; i < w->made; i++)
		take_meter(&w->first[i]);
	if (w->made > 0 && w->first->measured.on)
		log_turns(w);
	if (w->count > 1) {
		for (unsigned int i = 0; i < w->made; i++)
			serving_finish(&w->first[i].serving);
		run_inboxes(w);
		crew_leave(&w->crew);
	}
	for (unsigned int i = 0; i < w->made; i++)
		serving_deinit(&w->first[i].serving);
}

void
workers_deinit(struct workers *w)
{
	for (unsigned int i = 0; i < w->made; i++)
		engine_deinit(&w->first[i].engine);
	for (unsigned int i = 0; i < w->made; i++) {
		service_deinit(&w->first[i].service);
		dispatcher_deinit(&w->first[i].dispatcher);
		tracing_end(&w->first[i].tracing);
	}
	if (w->count > 1) {
		team_deinit(&w->team);
		crew_deinit(&w->crew);
	}
	free(w->first);
	w->first = NULL;
	w->count = w->made = 0;
}

int
workers_share_datagrams(struct workers *w)
{
	const struct datagram *d;
	int r = 0;

	TAILQ_FOREACH(d, &w->first->engine.net.datagrams, entry)
		for (unsigned int i = 1; r == 0 && i < w->count; i++)
			r = datagram_open_beside(
			    NULL, &w->first[i].engine.net, d);
	return r;
}

static int
serve(struct worker *worker, uint64_t (*calls)(const void *context))
{
	struct engine *engine = &worker->engine;
	int r = heap_init(&worker->heap, &engine->loop, calls, worker->all);

	if (r == 0)
		r = engine_run(engine);
	heap_deinit(&worker->heap);
	return r;
}

static void *
run(void *arg)
{
	struct worker *worker = arg;

	worker->failed = serve(worker, NULL) < 0;
	if (worker->failed)
		engine_stop(&worker->all->first->engine);
	return NULL;
}

static int
start_thread(struct worker *worker)
{
	int r = thread_start(&worker->thread, run, worker);

	worker->has_thread = r == 0;
	if (r < 0)
		log_error("cannot start a worker: %s", strerror(-r));
	return r;
}

/* Returns whether all of them have done well. */
static bool
join_threads(struct workers *w)
{
	bool good = true;

	for (unsigned int i = 1; i < w->count; i++) {
		if (!w->first[i].has_thread)
			continue;
		engine_stop(&w->first[i].engine);
		pthread_join(w->first[i].thread, NULL);
		good = good && !w->first[i].failed;
	}
	return good;
}

int
workers_run(struct workers *w)
{
	int r = 0;

	for (unsigned int i = 1; r == 0 && i < w->count; i++)
		r = start_thread(&w->first[i]);
	if (r == 0)
		r = serve(w->first, workers_calls);
	return join_threads(w) ? r : -EIO;
}

void
workers_stop(struct workers *w)
{
	engine_stop(&w->first->engine);
}

unsigned int
workers_connections(const struct workers *w)
{
	return w->count == 1 ? engine_connections(&w->first->engine)
			     : crew_connections(&w->crew);
}

unsigned int
workers_streams(const struct workers *w)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < w->count; i++)
		sum += counter_read(&w->first[i].service.streams);
	return (unsigned int)sum;
}

uint64_t
workers_calls(const void *w)
{
	const struct workers *all = w;
	uint64_t sum = 0;

	for (unsigned int i = 0; i < all->count; i++)
		sum += counter_read(&all->first[i].dispatcher.calls.received);
	return sum;
}
