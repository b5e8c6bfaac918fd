#include "server/daemon.h"

#include "base/log.h"
#include "rpcloop/bind/registry.h"
#include "rpcloop/loop/signals.h"
#include "rpcloop/serve/dispatcher.h"
#include "rpcloop/serve/engine.h"
#include "server/listen.h"
#include "server/process/heap.h"
#include "server/process/privileges.h"
#include "server/process/sandbox.h"
#include "server/service/program.h"
#include "server/service/service.h"
#include "server/service/serving.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <reverse.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int stop_signals[] = { SIGTERM, SIGINT, SIGHUP };

struct daemon {
	const struct settings *settings;
	struct engine engine;
	struct dispatcher dispatcher;
	struct service service;
	struct serving serving;
	struct heap heap;
	struct registry *registry;
	struct signals signals;
	struct loop_item grace; /* ends the drain, or a part of it, */
	uint64_t grace_until;   /* by the fair clock */
};

/* For the last replies to go out, when streams had to be ended. */
enum { LAST_MOMENT_MS = 2000 };

static void
on_drained(void *arg)
{
	struct daemon *d = arg;

	engine_stop(&d->engine);
}

/* Nobody is owed a stream any more: the connections may go. */
static void
on_streams_done(void *owner)
{
	struct daemon *d = owner;

	if (!d->engine.draining)
		engine_drain(&d->engine, on_drained, d);
}

static void
give_grace(struct daemon *d, uint64_t ms)
{
	const struct loop *loop = &d->engine.loop;

	d->grace_until = loop_fair_ms(loop) + ms;
	loop_due(&d->grace, loop->now_ms + ms);
}

static void
on_grace_over(struct loop_item *item, unsigned int reasons)
{
	struct daemon *d = container_of(item, struct daemon, grace);

	(void)reasons;
	if (loop_fair_ms(item->loop) < d->grace_until) {
		give_grace(d, d->grace_until - loop_fair_ms(item->loop));
		return;
	}
	if (!d->engine.draining) {
		log_warn("ending streams under way streams=%u",
		    streams_count(d->serving.streams));
		give_grace(d, LAST_MOMENT_MS);
		serving_end(&d->serving);
		on_streams_done(d);
		return;
	}
	log_warn("stopping with calls under way connections=%u",
	    engine_connections(&d->engine));
	engine_stop(&d->engine);
}

static void
drain(struct daemon *d)
{
	d->service.draining = true;
	registry_retire(d->registry);
	give_grace(d, d->settings->drain_ms);
	serving_drain(&d->serving, on_streams_done, d);
}

/* How long turns were since it was last told. */
static void
tell_turns(struct daemon *d)
{
	struct loop_meter *meter = &d->engine.loop.meter;

	log_info("turns: %" PRIu64 ", longest %" PRIu64 " us of CPU",
	    meter->turns, meter->longest_ns / 1000);
	meter->turns = meter->longest_ns = 0;
}

static void
on_signal(struct signals *signals, int number)
{
	struct daemon *d = container_of(signals, struct daemon, signals);

	if (number == SIGUSR1) {
		tell_turns(d);
		return;
	}
	if (d->service.draining) {
		log_info("stopping at once signal=%d", number);
		engine_stop(&d->engine);
		return;
	}
	log_info("draining signal=%d connections=%u", number,
	    engine_connections(&d->engine));
	drain(d);
}

/* Returns 0, or a negative errno after logging why. */
static int
set_limits(struct engine_limits *limits, const struct settings *s)
{
	*limits = engine_default_limits;
	limits->connections = privileges_raise_descriptors(s->connections);
	if (limits->connections == 0) {
		log_error("cannot start: %d open descriptors are needed at "
			  "least (RLIMIT_NOFILE)",
		    DESCRIPTORS_MIN);
		return -EMFILE;
	}
	if (limits->connections < s->connections)
		log_warn("connections limited by descriptors wanted=%u "
			 "possible=%u",
		    s->connections, limits->connections);
	limits->net.calls_in_flight = s->calls_in_flight;
	limits->net.output_bytes = s->output_bytes;
	limits->memory_bytes = s->memory_bytes;
	limits->time.record_ms = s->record_ms;
	limits->time.write_ms = s->write_ms;
	limits->time.idle_ms = s->idle_ms;
	return 0;
}

static int
prepare(struct daemon *d, const struct engine_limits *limits)
{
	int r =
	    engine_init(&d->engine, limits, dispatcher_record, &d->dispatcher);

	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return r;
	}
	dispatcher_init(&d->dispatcher, service_programs, service_program_count,
	    &d->service);
	r = service_init(&d->service, &d->engine, &d->dispatcher, d->settings);
	if (r == 0)
		r = serving_init(
		    &d->serving, &d->service, &d->engine, d->settings);
	if (r < 0)
		log_error("cannot set up the service: %s", strerror(-r));
	return r;
}

/* nohup(1) and its like want the daemon to outlive the terminal. */
static bool
is_ignored(int number)
{
	struct sigaction now;

	return number == SIGHUP && sigaction(number, NULL, &now) == 0 &&
	    now.sa_handler == SIG_IGN;
}

static int
watch_signals(struct daemon *d)
{
	sigset_t set;
	int r;

	loop_item_init(&d->grace, &d->engine.loop, -1, on_grace_over, NULL);
	sigemptyset(&set);
	if (d->settings->turn_cpu)
		sigaddset(&set, SIGUSR1);
	for (size_t i = 0; i < ARRAY_LEN(stop_signals); i++)
		if (!is_ignored(stop_signals[i]))
			sigaddset(&set, stop_signals[i]);
	r = signals_init(&d->signals, &d->engine.loop, &set, on_signal);
	if (r == 0)
		r = loop_timed(&d->grace);
	if (r < 0)
		log_error("cannot watch for signals: %s", strerror(-r));
	return r;
}

static void
unwatch_signals(struct daemon *d)
{
	signals_deinit(&d->signals);
	loop_forget(&d->grace);
}

/* Before any other thread is started. */
static void
give_up_the_rest(struct daemon *d)
{
	char folders[LISTEN_FOLDERS_MAX][SOCKET_FILE_PATH_SIZE];
	const char *names[LISTEN_FOLDERS_MAX];
	struct landlock_grants grants = {
		.spool = d->settings->spool,
		.sockets = names,
	};

	if (!d->settings->sandbox) {
		log_info("no sandbox: --no-sandbox");
		return;
	}
	/* At the end the daemon removes its Unix sockets. */
	grants.socket_count = listen_folders(&d->engine, folders);
	for (size_t i = 0; i < grants.socket_count; i++)
		names[i] = folders[i];
	sandbox_enter(&grants);
}

static int
go_public(struct daemon *d)
{
	struct registry_service where = {
		.program = REVERSE_PROG,
		.version = REVERSE_V1,
	};
	char why[512];
	int r;

	r = listen_open(&d->engine, d->settings, &where);
	if (r < 0)
		return r;
	r = privileges_drop(d->settings->user, why, sizeof(why));
	if (r < 0) {
		log_error("%s", why);
		return r;
	}
	give_up_the_rest(d);
	if (!d->settings->rpcbind) {
		log_info("not registered with rpcbind: --no-rpcbind");
		return 0;
	}
	r = registry_start(&d->registry, &where, why, sizeof(why));
	if (r < 0)
		log_error("cannot register: %s", strerror(-r));
	else if (r > REGISTRY_ABSENT)
		log_error("%s", why);
	return r > REGISTRY_ABSENT ? -1 : r;
}

/* libtirpc prints to standard output now and then: nobody should see it. */
static void
silence_stdout(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null >= 0) {
		dup2(null, STDOUT_FILENO);
		close(null);
	}
}

static uint64_t
count_calls(const void *context)
{
	const struct daemon *d = context;

	return counter_read(&d->dispatcher.calls.received);
}

int
daemon_run(const struct settings *settings)
{
	struct daemon d = { .settings = settings };
	struct engine_limits limits;
	int status = 1;

	signal(SIGPIPE, SIG_IGN);
	silence_stdout();
	if (set_limits(&limits, settings) < 0)
		return status;
	if (prepare(&d, &limits) == 0) {
		if (watch_signals(&d) == 0 &&
		    heap_init(&d.heap, &d.engine.loop, count_calls, &d) == 0 &&
		    go_public(&d) >= 0) {
			log_info("serving program=%u version=%u release=%s",
			    (unsigned int)REVERSE_PROG,
			    (unsigned int)REVERSE_V1, REVERSE_VERSION);
			d.engine.loop.meter.on = settings->turn_cpu;
			status = engine_run(&d.engine) < 0;
		}
		unwatch_signals(&d);
		heap_deinit(&d.heap);
	}
	if (d.engine.loop.meter.on)
		tell_turns(&d);
	serving_deinit(&d.serving);
	d.registry = registry_free(d.registry);
	engine_deinit(&d.engine);
	service_deinit(&d.service);
	dispatcher_deinit(&d.dispatcher);
	if (status == 0)
		log_info("stopped");
	return status;
}
