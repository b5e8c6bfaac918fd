#include "test/simulation/world.h"

#include "base/base.h"
#include "stream/segment.h"

/* A schedule that takes more steps than this goes nowhere. */
#define STEPS_MAX 200000

/* Bytes that all peers may have in memory. */
#define MEMORY ((uint64_t)512 * 1024 * 1024)

void
world_fail(struct world *w, const char *what)
{
	if (w->wrong == NULL)
		w->wrong = what;
}

size_t
world_cost_of(const segment *piece)
{
	size_t sum = 0;

	for (u_int i = 0; i < piece->messages.messages_len; i++)
		sum +=
		    message_cost(piece->messages.messages_val[i].message_len);
	return sum;
}

bool
world_fault(struct world *w, uint32_t n)
{
	if (w->faults == 0 || !rng_once_in(&w->rng, n))
		return false;
	w->faults--;
	return true;
}

/* Whoever calls, with limits that are soon met. */
static void
make_accounts(struct world *w)
{
	struct rng *rng = &w->rng;
	uint64_t *all = w->all.most, each;

	account_init(&w->all, NULL, NULL);
	all[CHARGE_BYTES] = MEMORY;
	all[CHARGE_STREAMS] = rng_between(rng, 2, 8);
	each = rng_between(rng, 1, 4);
	all[CHARGE_UNPROVEN] = rng_between(rng, 1, 4);
	all[CHARGE_KEPT] = rng_between(rng, 1, 4);
	for (unsigned int i = 0; i < CLIENTS_MAX; i++) {
		account_init(&w->peers[i], &w->all, NULL);
		w->peers[i].most[CHARGE_STREAMS] = each;
		w->peers[i].most[CHARGE_BYTES] = MEMORY / 8;
	}
	account_init(&w->others, &w->all, NULL);
	charge_take(&w->elsewhere, &w->others, CHARGE_BYTES, 0);
}

/* Memory is short for so many steps. */
static void
press(struct world *w, unsigned int steps)
{
	w->pressed = steps;
	charge_set(&w->elsewhere, steps > 0 ? MEMORY / 8 * 7 : 0);
}

static void
make_limits(struct world *w)
{
	static const uint32_t windows[] = { 64, 100, 256, 1000, 2000 };
	static const uint32_t messages[] = { 64, 100, 200, 600 };
	struct streams_limits *limits = &w->limits;
	struct rng *rng = &w->rng;

	*limits = streams_default_limits;
	limits->window = windows[rng_below(rng, ARRAY_LEN(windows))];
	limits->message_max = messages[rng_below(rng, ARRAY_LEN(messages))];
	limits->spool_memory = rng_below(rng, limits->message_max + 1);
	limits->spool_block = rng_between(rng, 16, 300);
	limits->parked = rng_between(rng, 1, 8);
	make_accounts(w);
	limits->wait_max_ms = rng_between(rng, 10, 200);
	limits->lease_ms = rng_between(rng, 500, 4000);
	limits->unproven_lease_ms = rng_between(rng, 300, 1000);
	limits->retry_after_ms = rng_between(rng, 1, 500);
	w->turn_bytes = rng_once_in(rng, 2) ? 1 : 256 * 1024;
	limits->worker = (uint16_t)rng_next(rng);
	w->datagram_max = 4 * rng_between(rng, 2, limits->message_max / 4);
}

static void
make_weather(struct world *w)
{
	struct weather *weather = &w->weather;
	struct rng *rng = &w->rng;

	w->faults = rng_below(rng, 40);
	weather->loss = rng_below(rng, 3) * 5;
	weather->doubling = rng_below(rng, 3) * 4;
	weather->cut = rng_below(rng, 3) * 10;
	weather->restart = rng_below(rng, 3) * 50;
	weather->upgrade = rng_below(rng, 3) * 3;
	weather->slowest = rng_below(rng, 4) * rng_below(rng, 40);
	/* Never 1: a turn that does no work is followed by others. */
	weather->idle_turn = rng_below(rng, 3) * 2;
	weather->slow_input = rng_below(rng, 3) * 3;
	w->keepless = rng_below(rng, 3) * 10;
	w->disk.cached = rng_below(rng, 3);
	w->disk.slowest = rng_below(rng, 3) * rng_below(rng, 10);
	if (rng_once_in(rng, 10))
		w->disk.failing = rng_between(rng, 1, 20);
}

/* The server dies and another one takes its place. */
static void
restart(struct world *w)
{
	world_stop_server(w);
	for (unsigned int i = 0; i < w->actors; i++)
		if (!w->actor[i].datagram && !w->actor[i].cut)
			world_cut(w, &w->actor[i]);
	/* Another release of the same line goes on with any stream. */
	w->update = rng_below(&w->rng, 3);
	if (world_fault(w, w->weather.upgrade))
		w->line++;
	world_start_server(w);
}

/* Somebody cancels the stream of a client that may be talking about it. */
static void
cancel(struct world *w)
{
	struct actor *a = &w->actor[rng_below(&w->rng, w->actors)];
	cancel_args args;

	if (!a->stream.named)
		return;
	a->may_fail = true;
	memcpy(args.stream, a->stream.name, sizeof(args.stream));
	streams_cancel(w->streams, w->now, &args);
}

static void
misfortune(struct world *w)
{
	if (world_fault(w, w->weather.restart))
		restart(w);
	if (world_fault(w, 500))
		cancel(w);
	if (world_fault(w, 300))
		streams_end_all(w->streams, w->now);
	if (world_fault(w, 200))
		press(w, rng_below(&w->rng, 100));
}

/* Over UDP nobody says that a reply will not come. */
static uint64_t
patience_of(const struct actor *a)
{
	if (!a->datagram || a->over || a->stream.flights.flying == 0)
		return TIMER_NEVER;
	return a->patience;
}

static uint64_t
next_event(struct world *w)
{
	struct timer *first = timers_first(&w->timers);
	uint64_t at = first != NULL ? first->due >> 20 : TIMER_NEVER;
	uint64_t due;

	at = MIN_OF(at, streams_next_due(w->streams));
	at = MIN_OF(at, fake_disk_due(&w->disk));
	for (unsigned int i = 0; i < w->actors; i++) {
		struct actor *a = &w->actor[i];

		if (a->over)
			continue;
		due = MIN_OF(patience_of(a), a->stream.due);
		/* Input that is late comes at some time. */
		if (a->stream.flights.flying == 0)
			due = MIN_OF(due,
			    MAX_OF(w->now + 5, a->stream.patience.not_before));
		at = MIN_OF(at, due);
	}
	if (streams_has_work(w->streams))
		at = MIN_OF(at, w->now + 1);
	return MAX_OF(at, w->now);
}

static void
step(struct world *w)
{
	struct timer *first;

	w->now = next_event(w);
	w->left = w->turn_bytes;
	w->disk.now = w->now;
	if (w->pressed > 0)
		press(w, w->pressed - 1);
	streams_tick(w->streams, w->now);
	if (fake_disk_due(&w->disk) <= w->now)
		streams_disk_ready(w->streams, w->now);
	if (streams_has_work(w->streams) &&
	    !rng_once_in(&w->rng, w->weather.idle_turn))
		streams_work(w->streams, w->now);
	first = timers_first(&w->timers);
	if (first != NULL && first->due >> 20 <= w->now) {
		world_deliver(w, container_of(first, struct packet, timer));
		misfortune(w);
	}
	for (unsigned int i = 0; i < w->actors; i++) {
		if (patience_of(&w->actor[i]) <= w->now)
			world_lose(w, &w->actor[i]);
		world_pump(w, &w->actor[i]);
	}
	world_check_server(w);
}

static bool
is_over(const struct world *w)
{
	for (unsigned int i = 0; i < w->actors; i++)
		if (!w->actor[i].over)
			return false;
	return true;
}

const char *
world_run(struct world *w, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->seed = seed;
	w->rng.state = seed;
	w->now = 1000;
	w->next_id = 1;
	LIST_INIT(&w->served);
	LIST_INIT(&w->packets);
	timers_init(&w->timers);
	fake_disk_init(&w->disk, &w->rng);
	make_limits(w);
	make_weather(w);
	world_start_server(w);
	world_start_clients(w);
	while (!is_over(w) && w->wrong == NULL) {
		step(w);
		if (++w->steps > STEPS_MAX)
			world_fail(w, "it does not come to an end");
	}
	world_stop_server(w);
	world_stop_clients(w);
	world_drop_all(w);
	timers_deinit(&w->timers);
	return w->wrong;
}
