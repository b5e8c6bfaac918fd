#include "server/daemon.h"

#include "base/log.h"
#include "rpcloop/bind/registry.h"
#include "rpcloop/loop/signals.h"
#include "server/listen.h"
#include "server/process/privileges.h"
#include "server/process/sandbox.h"
#include "server/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <reverse.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int stop_signals[] = { SIGTERM, SIGINT, SIGHUP };

struct daemon {
	const struct settings *settings;
	struct workers workers;
	bool draining;
	bool finishing; /* no stream is waited for any more */
	struct registry *registry;
	struct signals signals;
	struct loop_item grace; /* ends the drain, or a part of it, */
	uint64_t grace_until;   /* by the fair clock */
};

/* For the last replies to go out, when streams had to be ended. */
enum { LAST_MOMENT_MS = 2000 };

enum {
	/* What a worker beside the first one has open for itself. */
	WORKER_DESCRIPTORS = 16,
	/* As many connections for each worker, or there are fewer of those. */
	CONNECTIONS_EACH = 64,
};

static void
finish(struct daemon *d)
{
	if (d->finishing)
		return;
	d->finishing = true;
	workers_order(&d->workers, WORKER_FINISH);
}

static void
on_told(void *owner, enum worker_news news)
{
	struct daemon *d = owner;

	/* Nobody is owed a stream any more: the connections may go. */
	if (news == WORKER_IDLE)
		finish(d);
	else
		workers_stop(&d->workers);
}

static void
give_grace(struct daemon *d, uint64_t ms)
{
	const struct loop *loop = d->grace.loop;

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
	if (!d->finishing) {
		log_warn("ending streams under way streams=%u",
		    workers_streams(&d->workers));
		give_grace(d, LAST_MOMENT_MS);
		workers_order(&d->workers, WORKER_END_STREAMS);
		finish(d);
		return;
	}
	log_warn("stopping with calls under way connections=%u",
	    workers_connections(&d->workers));
	workers_stop(&d->workers);
}

static void
drain(struct daemon *d)
{
	d->draining = true;
	registry_retire(d->registry);
	give_grace(d, d->settings->drain_ms);
	workers_order(&d->workers, WORKER_DRAIN);
}

static void
on_signal(struct signals *signals, int number)
{
	struct daemon *d = container_of(signals, struct daemon, signals);

	if (number == SIGUSR1) {
		workers_tell_turns(&d->workers);
		return;
	}
	if (d->draining) {
		log_info("stopping at once signal=%d", number);
		workers_stop(&d->workers);
		return;
	}
	log_info("draining signal=%d connections=%u", number,
	    workers_connections(&d->workers));
	drain(d);
}

/* How many connections there may be: of the descriptors, others need some. */
static unsigned int
connections_possible(const struct settings *s, unsigned int workers)
{
	unsigned int others = (workers - 1) * WORKER_DESCRIPTORS;
	unsigned int all =
	    privileges_raise_descriptors(s->connections + others);

	return all - MIN_OF(all, others);
}

static unsigned int
workers_possible(const struct settings *s)
{
	unsigned int n = s->workers, connections;

	for (; n > 1; n--) {
		connections = connections_possible(s, n);
		if (connections >= s->connections ||
		    connections >= n * CONNECTIONS_EACH)
			break;
	}
	if (n < s->workers)
		log_warn("workers limited by descriptors wanted=%u possible=%u",
		    s->workers, n);
	return n;
}

/* Returns 0, or a negative errno after logging why. */
static int
set_limits(struct engine_limits *limits, const struct settings *s,
    unsigned int workers)
{
	*limits = engine_default_limits;
	limits->connections = connections_possible(s, workers);
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
	struct loop *loop = &d->workers.first->engine.loop;
	sigset_t set;
	int r;

	loop_item_init(&d->grace, loop, -1, on_grace_over, NULL);
	sigemptyset(&set);
	if (d->settings->turn_cpu)
		sigaddset(&set, SIGUSR1);
	for (size_t i = 0; i < ARRAY_LEN(stop_signals); i++)
		if (!is_ignored(stop_signals[i]))
			sigaddset(&set, stop_signals[i]);
	r = signals_init(&d->signals, loop, &set, on_signal);
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
	grants.socket_count =
	    listen_folders(&d->workers.first->engine, folders);
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

	r = listen_open(&d->workers.first->engine, d->settings, &where);
	if (r < 0)
		return r;
	r = workers_share_datagrams(&d->workers);
	if (r < 0) {
		log_error("cannot share UDP sockets: %s", strerror(-r));
		return r;
	}
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

static int
serve(struct daemon *d)
{
	int r = watch_signals(d);

	if (r == 0)
		r = go_public(d);
	if (r >= 0) {
		log_info("serving program=%u version=%u release=%s",
		    (unsigned int)REVERSE_PROG, (unsigned int)REVERSE_V1,
		    REVERSE_VERSION);
		r = workers_run(&d->workers);
	}
	unwatch_signals(d);
	return r;
}

int
daemon_run(const struct settings *settings)
{
	struct daemon d = { .settings = settings };
	struct engine_limits limits;
	int status = 1;

	signal(SIGPIPE, SIG_IGN);
	silence_stdout();
	d.workers.count = workers_possible(settings);
	if (set_limits(&limits, settings, d.workers.count) < 0)
		return status;
	d.workers.told = on_told;
	d.workers.owner = &d;
	if (workers_init(&d.workers, settings, &limits) == 0)
		status = serve(&d) < 0;
	workers_finish(&d.workers);
	d.registry = registry_free(d.registry);
	workers_deinit(&d.workers);
	if (status == 0)
		log_info("stopped");
	return status;
}
