/*
 * How client/session/find looks for a server: where, in which order, and how
 * often; and what is said of what was tried in vain.
 */
#include "client/session/find.h"

#include "base/base.h"
#include "base/clock.h"
#include "test/lib/user.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What a search came to. */
struct outcome {
	struct user *user;
	unsigned int told;
	bool found;
	bool over;
};

static void
on_done(void *context, struct channel *channel)
{
	struct outcome *outcome = context;

	outcome->told++;
	outcome->found = session_adopt(&outcome->user->session, channel);
	outcome->over = true;
	session_wake(&outcome->user->session);
}

/* Looks until it is over; returns whether a server was found. */
static bool
find_one(struct user *u)
{
	struct outcome outcome = { .user = u };

	session_disconnect(&u->session);
	find_start(&u->session.find, u->session.met, on_done, &outcome);
	assert_int_equal(outcome.told, 0);
	assert_int_equal(session_run(&u->session,
			     clock_now_ms() + USER_PATIENCE_MS, &outcome.over),
	    SESSION_WAIT_DONE);
	assert_int_equal(outcome.told, 1);
	assert_null(u->session.find.locate);
	return outcome.found;
}

static const uint32_t pong[] = { 1, 0, 0, 0, 0 };

static void
answer_at(struct script *script)
{
	script->words = pong;
	script->count = ARRAY_LEN(pong);
	script->play = play_replies;
	script_start(script);
}

static bool
is_connected_to(const struct user *u, const struct endpoint *at)
{
	return session_is_connected(&u->session) &&
	    endpoint_equal(&u->session.peer, at);
}

/* How many lines of the last search are about it. */
static unsigned int
times_tried(const struct user *u, const struct endpoint *at)
{
	char where[ENDPOINT_TEXT_SIZE];
	const char *found = u->session.tried.text;
	unsigned int count = 0;

	endpoint_text(at, where);
	while ((found = strstr(found, where)) != NULL) {
		count++;
		found++;
	}
	return count;
}

static void
where_nobody_listens_there_are_three_rounds(void **state)
{
	struct user *u = *state;
	struct endpoint at = user_nowhere();
	uint64_t began = clock_now_ms();

	user_knows(u, &at);
	say_at(SAY_STEPS);
	user_listens(u);
	assert_false(find_one(u));
	user_has_heard(u);
	say_at(SAY_ERRORS);
	assert_true(clock_now_ms() - began >= 600);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	/* Those of the last round alone are kept. */
	assert_int_equal(times_tried(u, &at), 1);
	memcpy(u->session.tried.text, u->text, sizeof(u->text));
	assert_int_equal(times_tried(u, &at), 3);
	assert_false(session_is_connected(&u->session));
}

static void
where_all_hang_up_there_are_three_rounds(void **state)
{
	struct user *u = *state;
	struct endpoint at = user_nowhere();

	user_play(u, play_hang_up);
	user_knows(u, &at);
	assert_false(find_one(u));
	assert_int_equal(atomic_load(&u->script.accepted), 3);
}

static void
where_somebody_keeps_silent_there_is_one_round(void **state)
{
	struct user *u = *state;
	struct endpoint at = user_nowhere();

	user_play(u, play_silence);
	user_knows(u, &at);
	assert_false(find_one(u));
	assert_int_equal(atomic_load(&u->script.accepted), 1);
}

static void
where_another_hangs_up_meanwhile_there_are_three(void **state)
{
	struct user *u = *state;
	struct script other = { .play = play_hang_up };

	script_start(&other);
	user_play(u, play_silence);
	user_knows(u, &other.at);
	assert_false(find_one(u));
	script_stop(&other);
	assert_int_equal(atomic_load(&u->script.accepted), 3);
}

static void
once_there_was_a_server_there_is_one_round(void **state)
{
	struct user *u = *state;
	struct endpoint at = user_nowhere();

	user_knows(u, &at);
	u->session.met = true;
	say_at(SAY_STEPS);
	user_listens(u);
	assert_false(find_one(u));
	user_has_heard(u);
	say_at(SAY_ERRORS);
	memcpy(u->session.tried.text, u->text, sizeof(u->text));
	assert_int_equal(times_tried(u, &at), 1);
}

/* Somebody is there, and may be no server. */
static void
where_somebody_answers_otherwise_there_is_one_round(void **state)
{
	static const uint32_t nobody[] = { 1, 0, 0, 0, PROG_UNAVAIL };
	struct user *u = *state;
	struct endpoint at = user_nowhere();

	u->script.words = nobody;
	u->script.count = ARRAY_LEN(nobody);
	user_play(u, play_replies);
	user_knows(u, &at);
	assert_false(find_one(u));
	assert_int_equal(atomic_load(&u->script.accepted), 1);
	memcpy(u->text, u->session.tried.text, sizeof(u->text));
	assert_says(
	    u, ": answers, but does not serve reverse (program 544367990)\n");
	assert_says(u, ": Connection refused\n");
}

static void
a_server_that_is_just_starting_is_found(void **state)
{
	struct user *u = *state;
	struct outcome outcome = { .user = u };
	static struct script late;

	late.at = user_nowhere();
	user_knows(u, &late.at);
	find_start(&u->session.find, u->session.met, on_done, &outcome);
	user_runs(u, 100);
	assert_false(outcome.over);
	answer_at(&late);
	assert_int_equal(session_run(&u->session,
			     clock_now_ms() + USER_PATIENCE_MS, &outcome.over),
	    SESSION_WAIT_DONE);
	assert_true(outcome.found);
	assert_true(is_connected_to(u, &late.at));
	session_disconnect(&u->session);
	script_stop(&late);
}

static void
the_first_that_answers_is_taken(void **state)
{
	struct user *u = *state;
	struct endpoint nowhere = user_nowhere();

	u->script.words = pong;
	u->script.count = ARRAY_LEN(pong);
	user_play(u, play_replies);
	u->settings.servers.count = 0;
	user_knows(u, &nowhere);
	user_knows(u, &u->script.at);
	assert_true(find_one(u));
	assert_true(is_connected_to(u, &u->script.at));
	assert_int_equal(u->session.find.first, 1);
}

/* A server that worked is tried first, and the others in turn after it. */
static void
the_one_that_worked_last_comes_first(void **state)
{
	struct user *u = *state;
	static struct script scripts[3];

	for (size_t i = 0; i < 3; i++) {
		scripts[i].at = (struct endpoint){ 0 };
		answer_at(&scripts[i]);
		user_knows(u, &scripts[i].at);
	}
	script_stop(&scripts[0]);
	assert_true(find_one(u));
	assert_true(is_connected_to(u, &scripts[1].at));
	/* The first is back, but the second works. */
	answer_at(&scripts[0]);
	assert_true(find_one(u));
	assert_true(is_connected_to(u, &scripts[1].at));
	assert_int_equal(atomic_load(&scripts[0].accepted), 0);
	/* After the second comes the third. */
	session_disconnect(&u->session);
	script_stop(&scripts[1]);
	assert_true(find_one(u));
	assert_true(is_connected_to(u, &scripts[2].at));
	assert_int_equal(atomic_load(&scripts[0].accepted), 0);
	/* And after that the first. */
	session_disconnect(&u->session);
	script_stop(&scripts[2]);
	assert_true(find_one(u));
	assert_true(is_connected_to(u, &scripts[0].at));
	session_disconnect(&u->session);
	script_stop(&scripts[0]);
}

static void
a_search_that_is_stopped_tells_nobody(void **state)
{
	struct user *u = *state;
	struct outcome outcome = { .user = u };
	struct endpoint at = user_nowhere();

	/* Between two rounds, and in one. */
	user_knows(u, &at);
	find_start(&u->session.find, u->session.met, on_done, &outcome);
	user_runs(u, 50);
	find_stop(&u->session.find);
	user_runs(u, 1000);
	assert_int_equal(outcome.told, 0);
	user_play(u, play_silence);
	user_knows(u, &at);
	find_start(&u->session.find, u->session.met, on_done, &outcome);
	user_runs(u, 50);
	find_stop(&u->session.find);
	find_stop(&u->session.find);
	user_runs(u, 50);
	assert_int_equal(outcome.told, 0);
	assert_false(session_is_connected(&u->session));
	memcpy(u->text, u->session.tried.text, sizeof(u->text));
	assert_says(u, ": no answer\n");
}

/* A listener whose queue is full drops what else would connect. */
static void
connecting_takes_its_time_and_no_more(void **state)
{
	struct user *u = *state;
	int queued[8];
	uint64_t began;
	struct endpoint at = { .type = SOCK_STREAM, .len = sizeof(at.at.in) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.at.in.sin_family = AF_INET;
	at.at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, &at.at.any, at.len), 0);
	assert_int_equal(listen(listener, 0), 0);
	assert_int_equal(getsockname(listener, &at.at.any, &at.len), 0);
	for (size_t i = 0; i < 8; i++) {
		queued[i] = socket(
		    AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		connect(queued[i], &at.at.any, at.len);
	}
	user_knows(u, &at);
	began = clock_now_ms();
	assert_int_equal(user_pings(u, USER_BRIEF_MS), SESSION_TOO_LATE);
	assert_true(clock_now_ms() - began >= USER_BRIEF_MS);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	assert_false(session_is_connected(&u->session));
	memcpy(u->text, u->session.tried.text, sizeof(u->text));
	assert_says(u, ": Connection timed out\n");
	for (size_t i = 0; i < 8; i++)
		close(queued[i]);
	close(listener);
}

static void
nobody_listening_is_refused(void **state)
{
	struct user *u = *state;
	struct endpoint at = user_nowhere();

	user_knows(u, &at);
	assert_int_equal(user_pings(u, USER_PATIENCE_MS), SESSION_UNREACHABLE);
	assert_null(u->session.handle);
	memcpy(u->text, u->session.tried.text, sizeof(u->text));
	assert_says(u, ": Connection refused\n");
}

/* A folder for a socket, in a test. */
static char folder[64], path[96];

/* A server at a Unix socket, and as many who wait for it as can. */
static int
busy_server(struct user *u, int *waiting)
{
	struct endpoint at;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(folder, "/tmp/client-test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	*waiting = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(endpoint_from_path(&at, path));
	assert_int_equal(bind(fd, &at.at.any, at.len), 0);
	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(connect(*waiting, &at.at.any, at.len), 0);
	u->settings.path = path;
	return fd;
}

static void
no_more_server(int server, int waiting)
{
	close(waiting);
	close(server);
	unlink(path);
	rmdir(folder);
}

static void
a_busy_server_is_waited_for_and_no_longer(void **state)
{
	struct user *u = *state;
	uint64_t began = clock_now_ms();
	int waiting;
	int server = busy_server(u, &waiting);

	assert_int_equal(user_pings(u, USER_BRIEF_MS), SESSION_TOO_LATE);
	assert_true(clock_now_ms() - began >= USER_BRIEF_MS);
	assert_int_equal(user_pings(u, USER_BRIEF_MS), SESSION_TOO_LATE);
	assert_true(clock_now_ms() - began >= 2 * USER_BRIEF_MS);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	kill(getpid(), SIGINT);
	assert_int_equal(user_pings(u, USER_PATIENCE_MS), SESSION_INTERRUPTED);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	no_more_server(server, waiting);
}

/* Takes one who waits, after a while. */
static void *
accept_late(void *arg)
{
	const int *server = arg;

	poll(NULL, 0, USER_BRIEF_MS / 2);
	close(accept(*server, NULL, NULL));
	return NULL;
}

static void
a_busy_server_is_connected_to_once_it_has_time(void **state)
{
	struct user *u = *state;
	pthread_t thread;
	int waiting;
	int server = busy_server(u, &waiting);

	assert_int_equal(
	    pthread_create(&thread, NULL, accept_late, &server), 0);
	assert_true(find_one(u));
	assert_true(session_is_connected(&u->session));
	pthread_join(thread, NULL);
	no_more_server(server, waiting);
}

static bool_t
nothing_codec(XDR *xdrs, ...)
{
	(void)xdrs;
	return TRUE;
}

/* PING, and REVERSE_TEXT as a mirror, for a server of libtirpc's own. */
static void
mirror(struct svc_req *request, SVCXPRT *xprt)
{
	reverse_args args = { 0 };
	reverse_result result = { .code = STATUS_OK };

	if (request->rq_proc == NULLPROC) {
		svc_sendreply(xprt, nothing_codec, NULL);
		return;
	}
	if (!svc_getargs(xprt, (xdrproc_t)xdr_reverse_args, &args)) {
		svcerr_decode(xprt);
		return;
	}
	result.reverse_result_u.outcome.text = args.text;
	svc_sendreply(xprt, (xdrproc_t)xdr_reverse_result, &result);
	svc_freeargs(xprt, (xdrproc_t)xdr_reverse_args, &args);
}

static void
serve_unix(void)
{
	SVCXPRT *xprt = svcunix_create(RPC_ANYSOCK, 0, 0, path);

	if (xprt == NULL ||
	    !svc_reg(xprt, REVERSE_PROG, REVERSE_V1, mirror, NULL))
		_exit(1);
	svc_run();
	_exit(1);
}

static void
libtirpc_is_called_over_a_unix_socket(void **state)
{
	struct user *u = *state;
	reverse_args args = { .text = { 5, (char[]){ "hello" } } };
	uint64_t until = clock_now_ms() + USER_PATIENCE_MS;
	reverse_result result;
	pid_t child;
	int r;

	strcpy(folder, "/tmp/client-test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	u->settings.path = path;
	child = fork();
	if (child == 0)
		serve_unix();
	do {
		r = session_try(
		    &u->session, &procedure_text, &args, &result, until);
		user_runs(u, 10);
	} while (r == SESSION_UNREACHABLE && clock_now_ms() < until);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	unlink(path);
	rmdir(folder);
	assert_int_equal(r, 0);
	assert_int_equal(u->session.last.error.re_status, RPC_SUCCESS);
	assert_int_equal(result.reverse_result_u.outcome.text.message_len, 5);
	assert_memory_equal(
	    result.reverse_result_u.outcome.text.message_val, "hello", 5);
	procedure_free(&procedure_text, &result);
}

int
main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, user_setup, user_teardown)
	const struct CMUnitTest tests[] = {
		CASE(where_nobody_listens_there_are_three_rounds),
		CASE(where_all_hang_up_there_are_three_rounds),
		CASE(where_somebody_keeps_silent_there_is_one_round),
		CASE(where_another_hangs_up_meanwhile_there_are_three),
		CASE(once_there_was_a_server_there_is_one_round),
		CASE(where_somebody_answers_otherwise_there_is_one_round),
		CASE(a_server_that_is_just_starting_is_found),
		CASE(the_first_that_answers_is_taken),
		CASE(the_one_that_worked_last_comes_first),
		CASE(a_search_that_is_stopped_tells_nobody),
		CASE(connecting_takes_its_time_and_no_more),
		CASE(nobody_listening_is_refused),
		CASE(a_busy_server_is_waited_for_and_no_longer),
		CASE(a_busy_server_is_connected_to_once_it_has_time),
		CASE(libtirpc_is_called_over_a_unix_socket),
	};

	user_main();
	return cmocka_run_group_tests_name("client_find", tests, NULL, NULL);
}
