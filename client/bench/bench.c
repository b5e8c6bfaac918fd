#include "client/bench/bench.h"

#include "base/base.h"
#include "base/clock.h"
#include "client/bench/plan.h"
#include "client/bench/pool.h"
#include "client/bench/texts.h"
#include "client/session/call.h"
#include "client/session/explain.h"
#include "client/session/status_name.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define SECOND_NS UINT64_C(1000000000)

const struct bench_target bench_targets[] = {
	{ "send", &procedure_text },
	{ "ping", &procedure_ping },
	{ "greet", &procedure_greet },
	{ "status", &procedure_status },
	{ "describe", &procedure_describe },
	{ "whoami", &procedure_whoami },
	{ NULL, NULL },
};

struct bench {
	struct session *session;
	const struct bench_options *options;
	const struct procedure *procedure;
	struct tally *tally;
	struct texts texts;
	struct plan plan;
	struct pool pool;
	struct loop_item clock; /* a timerfd: a call is to begin, */
	uint64_t armed_ns;      /* then */
	unsigned int phase;     /* calls of an earlier one do not count; 0:
				   none are made */
	uint64_t flying;        /* those that do */
	bool pumping;
	bool begins;   /* connections are made, as far as they can be */
	bool given_up; /* no server is there any more */
	bool done;     /* what is waited for */
};

static void
set_clock(struct bench *bench)
{
	uint64_t next = plan_next(&bench->plan);
	struct itimerspec at = { .it_value.tv_nsec = 0 };

	if (next == PLAN_FOREVER || next == bench->armed_ns)
		return;
	bench->armed_ns = next;
	at.it_value.tv_sec = (time_t)(next / SECOND_NS);
	at.it_value.tv_nsec = (long)(next % SECOND_NS);
	timerfd_settime(bench->clock.fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static uint64_t
limit_of(const struct bench *bench)
{
	unsigned int deadline_ms = bench->session->settings->deadline_ms;

	return deadline_ms > 0 ? deadline_ms : bench->session->patience_ms;
}

static void
call(struct bench *bench, uint64_t planned_ns, uint64_t now_ns)
{
	struct pool_slot *slot = pool_next(&bench->pool);
	const struct settings *settings = bench->session->settings;
	call_context context = { .deadline_ms = settings->deadline_ms };
	reverse_args args = { .context = context, .unit = settings->unit };
	void *value = &context;

	slot->planned_ns = planned_ns;
	slot->started_ns = now_ns;
	slot->phase = bench->phase;
	if (bench->procedure == &procedure_text) {
		struct text text = texts_next(&bench->texts);

		args.text.message_val = text.sent;
		args.text.message_len = (u_int)text.len;
		slot->wanted = text.wanted;
		slot->len = text.len;
		value = &args;
	}
	bench->flying++;
	pool_call(slot, value, limit_of(bench));
}

static void
finish(struct bench *bench)
{
	bench->done = true;
	session_wake(bench->session);
}

/* Makes all calls that are to begin, as far as there is room for them. */
static void
pump(struct bench *bench)
{
	uint64_t planned_ns, now_ns = clock_now_ns();

	if (bench->pumping || bench->phase == 0)
		return;
	bench->pumping = true;
	while (pool_has_room(&bench->pool) &&
	    plan_take(&bench->plan, now_ns, &planned_ns)) {
		call(bench, planned_ns, now_ns);
		now_ns = clock_now_ns();
	}
	bench->pumping = false;
	if (plan_is_over(&bench->plan, now_ns)) {
		if (bench->flying == 0)
			finish(bench);
	} else if (pool_has_room(&bench->pool)) {
		set_clock(bench);
	}
}

/* What came of a call whose result has been decoded. */
static status_code
judge(const struct bench *bench, const struct pool_slot *slot)
{
	const void *result = &slot->result;
	const failure *why = procedure_refusal(bench->procedure, result);
	const message *text =
	    &slot->result.reversed.reverse_result_u.outcome.text;

	if (why != NULL)
		return why->code == procedure_code(result) ? why->code
							   : STATUS_DATA_LOSS;
	if (bench->procedure != &procedure_text)
		return STATUS_OK;
	if (text->message_len != slot->len ||
	    (slot->len > 0 &&
		memcmp(text->message_val, slot->wanted, slot->len) != 0))
		return STATUS_DATA_LOSS;
	return STATUS_OK;
}

static void
on_ended(void *context, struct pool_slot *slot, const struct rpc_err *error)
{
	struct bench *bench = context;
	status_code status = status_of_call(error);
	uint64_t end_ns = clock_now_ns();

	if (slot->phase == bench->phase) {
		bench->flying--;
		/* It came before it was looked at. */
		if (status == STATUS_OK) {
			end_ns = slot->started_ns + slot->call.took_ns;
			status = judge(bench, slot);
		}
		tally_add(
		    bench->tally, status, end_ns, end_ns - slot->planned_ns);
	}
	pump(bench);
}

/* All connections have been made or tried. */
static void
begin(struct bench *bench)
{
	if (bench->begins)
		return;
	bench->begins = true;
	finish(bench);
}

static void
on_ready(void *context)
{
	struct bench *bench = context;

	if (bench->pool.connected == bench->options->connections)
		begin(bench);
	pump(bench);
}

static void
on_nobody(void *context, bool given_up)
{
	struct bench *bench = context;
	uint64_t now_ns = clock_now_ns(), planned_ns;

	if (bench->phase != 0 && plan_take(&bench->plan, now_ns, &planned_ns))
		tally_add(bench->tally, STATUS_UNAVAILABLE, now_ns, 0);
	if (given_up) {
		bench->given_up = true;
		finish(bench);
	} else if (bench->pool.connected > 0) {
		begin(bench);
	}
	pump(bench);
}

static void
on_clock(struct loop_item *item, unsigned int reasons)
{
	struct bench *bench = container_of(item, struct bench, clock);
	uint64_t times;

	(void)reasons;
	if (read(item->fd, &times, sizeof(times)) > 0)
		pump(bench);
}

/* Waits, until a time of base/clock at most.  Returns EXIT_DONE also when that
 * has come. */
static int
wait_until(struct bench *bench, uint64_t until_ms)
{
	enum session_wait wait =
	    session_run(bench->session, until_ms, &bench->done);

	bench->done = false;
	if (bench->given_up)
		return explain_failed(
		    bench->session, bench->procedure, SESSION_UNREACHABLE);
	return explain_wait(bench->session, wait);
}

/* Makes calls by a new plan, and counts those. */
static int
measure(struct bench *bench, uint64_t ms, uint64_t count)
{
	uint64_t now_ns = clock_now_ns(), until_ms = SESSION_FOREVER;
	int r;

	bench->plan = (struct plan){
		.begin_ns = now_ns,
		.end_ns = PLAN_FOREVER,
		.count = count,
		.rate = bench->options->rate,
	};
	if (ms > 0) {
		bench->plan.end_ns = now_ns + ms * CLOCK_NS_PER_MS;
		/* Not before it. */
		until_ms = bench->plan.end_ns / CLOCK_NS_PER_MS + 1;
	}
	memset(bench->tally, 0, sizeof(*bench->tally));
	bench->tally->begin_ns = bench->tally->end_ns = now_ns;
	bench->flying = 0;
	bench->phase++;
	pump(bench);
	r = wait_until(bench, until_ms);
	bench->tally->unmade = plan_left(&bench->plan, clock_now_ns());
	return r;
}

/* Warms up, measures, and waits for the last answers. */
static int
run(struct bench *bench)
{
	const struct bench_options *options = bench->options;
	uint64_t ms = options->duration_ms;
	uint64_t count = options->count > 0 ? options->count : PLAN_FOREVER;
	int r = wait_until(bench, SESSION_FOREVER);

	if (r == EXIT_DONE && options->warm_up_ms > 0)
		r = measure(bench, options->warm_up_ms, PLAN_FOREVER);
	if (ms == 0 && options->count == 0)
		ms = BENCH_DURATION_MS;
	if (r == EXIT_DONE)
		r = measure(bench, ms, count);
	if (r == EXIT_DONE && bench->flying > 0)
		r = wait_until(bench, SESSION_FOREVER);
	if (r == EXIT_DONE && bench->tally->failures + bench->tally->unmade > 0)
		r = EXIT_FAILED;
	return r;
}

/* The texts that are sent, none longer than the server takes. */
static int
prepare_texts(struct bench *bench)
{
	const struct bench_options *options = bench->options;
	uint64_t size =
	    options->size == BENCH_NO_SIZE ? BENCH_SIZE : options->size;
	uint32_t max;
	int r = call_message_max(bench->session, &max);

	if (r != EXIT_DONE || bench->procedure != &procedure_text)
		return r;
	if (options->messages != NULL)
		return texts_read(&bench->texts, bench->session,
		    (char *)options->messages, max);
	if (size > max) {
		say_failure(status_name(STATUS_OUT_OF_RANGE),
		    "the server takes no more than %u bytes%s", max,
		    settings_is_datagram(bench->session->settings) ? " over UDP"
								   : "");
		return EXIT_USAGE;
	}
	return texts_make(
	    &bench->texts, (size_t)size, bench->session->settings->unit);
}

static int
start(struct bench *bench)
{
	static const struct pool_ops ops = { on_ended, on_ready, on_nobody };
	const struct pool_terms terms = {
		.session = bench->session,
		.procedure = bench->procedure,
		.connections = bench->options->connections,
		.in_flight = bench->options->in_flight,
		.ops = &ops,
		.context = bench,
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	int r = fd < 0 ? -errno : 0;

	loop_item_init(
	    &bench->clock, &bench->session->loop, fd, on_clock, NULL);
	if (r == 0)
		r = loop_watch(&bench->clock, LOOP_READABLE);
	if (r == 0)
		r = pool_init(&bench->pool, &terms);
	if (r == 0)
		return EXIT_DONE;
	say_failure(status_of_errno(-r), "cannot start: %s", strerror(-r));
	return EXIT_FAILED;
}

int
bench_run(struct session *session, const struct bench_options *options,
    const struct bench_target *target, struct tally *tally)
{
	struct bench bench = {
		.session = session,
		.options = options,
		.procedure = target->procedure,
		.tally = tally,
		.clock.fd = -1,
	};
	int r;

	texts_init(&bench.texts);
	r = prepare_texts(&bench);
	session_disconnect(session);
	if (r == EXIT_DONE)
		r = start(&bench);
	if (r == EXIT_DONE)
		r = run(&bench);
	if (bench.pool.terms.ops != NULL)
		pool_deinit(&bench.pool);
	if (bench.clock.fd >= 0) {
		loop_forget(&bench.clock);
		close(bench.clock.fd);
	}
	texts_deinit(&bench.texts);
	return r;
}
