/*
 * session: one connection after the other, and waits for what comes of it.
 */
#include "client/session/session.h"

#include "base/base.h"
#include "base/clock.h"
#include "client/session/identity.h"
#include "client/session/status_name.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Bytes of work in a turn, before others have theirs. */
#define TURN_BYTES (1024 * 1024)

/* Before a user is told that something is waited for. */
#define NOTICE_MS 2000

/* A longer reply is none of a reverse server. */
#define REPLY_MAX (MESSAGE_MAX + 128 * 1024)

static void
on_limit(struct loop_item *item, unsigned int reasons)
{
	struct session *session = container_of(item, struct session, limit);

	(void)reasons;
	session->late = true;
	session_wake(session);
}

static void
on_signal(struct signals *signals, int number)
{
	struct session *session =
	    container_of(signals, struct session, signals);

	if (session->killed == 0)
		session->killed = number;
	session->interrupted = true;
	session_wake(session);
}

static void
on_notice(struct loop_item *item, unsigned int reasons)
{
	const struct session *session =
	    container_of(item, struct session, notice);
	char where[ENDPOINT_TEXT_SIZE], place[SETTINGS_PLACE_SIZE];

	(void)reasons;
	if (!isatty(STDERR_FILENO))
		return;
	if (session_is_connected(session))
		say_note("waiting for an answer of %s",
		    endpoint_text(&session->peer, where));
	else
		say_note("looking for a server at %s",
		    settings_place(session->settings, place));
}

void
session_expects_since(struct session *session, uint64_t since_ms)
{
	if (!session->expects)
		loop_due(&session->notice, since_ms + session->notice_ms);
	session->expects = true;
}

void
session_expects(struct session *session, bool expects)
{
	if (expects) {
		session_expects_since(session, clock_now_ms());
		return;
	}
	loop_due(&session->notice, TIMER_NEVER);
	session->expects = false;
}

static void
on_broke(struct channel *channel, void *context)
{
	struct session *session = context;

	(void)channel;
	if (session->lost != NULL)
		session->lost(session->lost_context);
}

/* Those that end it, but for what is ignored. */
static void
choose_signals(sigset_t *set)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action;

	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (sigaction(numbers[i], NULL, &action) != 0 ||
		    action.sa_handler != SIG_IGN)
			sigaddset(set, numbers[i]);
}

/* Returns 0 or a negative errno. */
static int
start(struct session *session)
{
	sigset_t set;
	int r = loop_init(&session->loop, TURN_BYTES);

	/* Nobody else has to have his turn. */
	session->loop.budget_ns = LOOP_ANY_TIME;
	loop_item_init(&session->limit, &session->loop, -1, on_limit, NULL);
	loop_item_init(&session->notice, &session->loop, -1, on_notice, NULL);
	session->signals.item.fd = -1;
	choose_signals(&set);
	if (r == 0)
		r = spare_init(&session->spare, &session->loop);
	if (r == 0)
		r = loop_timed(&session->limit);
	if (r == 0)
		r = loop_timed(&session->notice);
	if (r == 0)
		r = signals_init(
		    &session->signals, &session->loop, &set, on_signal);
	if (r == 0)
		r = find_init(&session->find, &session->loop, session->settings,
		    &session->tried);
	if (r == 0)
		r = pulse_init(&session->pulse, &session->loop);
	session->tracer.silent = !session->settings->trace;
	session->find.tracer = &session->tracer;
	session->find.terms = (struct channel_terms){
		.reply_max = REPLY_MAX,
		.broke = on_broke,
		.context = session,
	};
	if (r == 0)
		r = identity_new(&session->sys);
	session->none = authnone_create();
	return r;
}

int
session_start(struct session *session, const struct settings *settings,
    struct output *output)
{
	int r;

	memset(session, 0, sizeof(*session));
	session->settings = settings;
	session->output = output;
	session->service = &service_reverse;
	session->patience_ms = SESSION_PATIENCE_MS;
	session->wait_ms = SESSION_WAIT_MS;
	session->notice_ms = NOTICE_MS;
	session->until = settings->deadline_ms > 0
	    ? clock_now_ms() + settings->deadline_ms
	    : SESSION_FOREVER;
	r = start(session);
	if (r == 0)
		return EXIT_DONE;
	session_end(session);
	say_failure(status_of_errno(-r), "cannot start: %s", strerror(-r));
	return EXIT_FAILED;
}

void
session_end(struct session *session)
{
	if (session->find.pause.loop != NULL)
		find_deinit(&session->find);
	session_disconnect(session);
	if (session->pulse.item.loop != NULL)
		pulse_deinit(&session->pulse);
	if (session->sys != NULL)
		auth_destroy(session->sys);
	signals_deinit(&session->signals);
	spare_deinit(&session->spare);
	tracer_deinit(&session->tracer);
	loop_forget(&session->limit);
	loop_forget(&session->notice);
	loop_deinit(&session->loop);
}

void
session_serve(struct session *session, const struct service *service,
    const struct schema *schema)
{
	session->service = service;
	session->find.service = service;
	session->tracer.ping = service->ping;
	session->tracer.more = schema;
}

uint64_t
session_left_until(uint64_t time_ms)
{
	uint64_t now = clock_now_ms();

	if (time_ms == SESSION_FOREVER)
		return SESSION_FOREVER;
	return time_ms > now ? time_ms - now : 0;
}

void
session_wake(struct session *session)
{
	loop_leave(&session->loop);
}

enum session_wait
session_run(struct session *session, uint64_t until_ms, const bool *done)
{
	session->late = false;
	loop_due(&session->limit, until_ms);
	while (!*done && !session->late && !session->interrupted &&
	    session->error == 0)
		session->error = -loop_run(&session->loop);
	loop_due(&session->limit, TIMER_NEVER);
	if (*done)
		return SESSION_WAIT_DONE;
	if (session->interrupted)
		return SESSION_WAIT_INTERRUPTED;
	return session->late ? SESSION_WAIT_LATE : SESSION_WAIT_FAILED;
}

void
session_forgive(struct session *session)
{
	session->interrupted = false;
}

/* As whom calls to a server are made first. */
static AUTH *
first_auth(const struct session *session)
{
	return session->settings->security == SECURITY_NONE ? session->none
							    : session->sys;
}

bool
session_adopt(struct session *session, struct channel *channel)
{
	char where[ENDPOINT_TEXT_SIZE];
	CLIENT *handle;

	if (channel == NULL)
		return false;
	handle = handle_new(
	    channel, session->service->program, session->service->version);
	if (handle == NULL) {
		channel_close(channel);
		return false;
	}
	session_disconnect(session);
	/* What one server has refused another may want. */
	if (session->auth == NULL ||
	    !endpoint_equal(&session->peer, &channel->to))
		session->auth = first_auth(session);
	handle->cl_auth = session->auth;
	session->handle = handle;
	session->channel = channel;
	session->peer = channel->to;
	say_step("connected to %s", endpoint_text(&session->peer, where));
	return true;
}

void
session_forget_hello(struct session *session)
{
	if (session->greeted)
		procedure_free(&procedure_greet, &session->hello);
	session->greeted = false;
}

void
session_disconnect(struct session *session)
{
	if (session->channel == NULL)
		return;
	session_forget_hello(session);
	pulse_stop(&session->pulse);
	clnt_destroy(session->handle);
	channel_close(session->channel);
	session->channel = NULL;
	session->handle = NULL;
}

void
session_leave(struct session *session)
{
	find_avoid(&session->find);
	session_disconnect(session);
}
