/*
 * What client/session/pulse promises: a server that hangs is told from one that
 * is slow, and from a line that is.
 */
#include "client/session/session.h"

#include "base/base.h"
#include "base/clock.h"
#include "test/lib/user.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { SILENT_MS = 100, PING_MS = 150, LIMIT_MS = 600 };

struct fixture {
	struct user *user;
	unsigned int asked;
	unsigned int over;
	bool done;
	enum pulse_end how;
	uint64_t began;
};

static const uint32_t pong[] = { 1, 0, 0, 0, 0 };
static atomic_uint calls; /* that came after the first */

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	void *user;

	assert_non_null(f);
	user_setup(&user);
	f->user = user;
	atomic_store(&calls, 0);
	f->user->script.words = pong;
	f->user->script.count = ARRAY_LEN(pong);
	f->user->session.pulse.silent_ms = SILENT_MS;
	f->user->session.pulse.ping_ms = PING_MS;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	void *user = f->user;

	user_teardown(&user);
	free(f);
	return 0;
}

static void
on_asked(
    void *context, const struct channel_call *call, const struct rpc_err *error)
{
	struct fixture *f = context;

	assert_int_equal(call->sends, 1);
	assert_in_range(error->re_status, RPC_SUCCESS, RPC_TIMEDOUT);
	f->asked++;
}

static void
on_over(void *context, enum pulse_end how)
{
	struct fixture *f = context;

	f->over++;
	f->how = how;
	f->done = true;
	session_wake(&f->user->session);
}

static const struct pulse_ops ops = { on_asked, on_over };

/* Connects to the server, which owes something from then on. */
static void
listen_to(struct fixture *f, void (*play)(struct script *script, int fd),
    bool asks, uint64_t limit_ms)
{
	struct session *session = &f->user->session;
	struct pulse_terms terms = {
		.service = &service_reverse,
		.asks = asks,
		.limit_ms = limit_ms,
		.ops = &ops,
		.context = f,
	};

	user_play(f->user, play);
	assert_int_equal(user_pings(f->user, USER_PATIENCE_MS), 0);
	terms.channel = session->channel;
	terms.auth = session->auth;
	f->began = clock_now_ms();
	pulse_listen(&session->pulse, &terms);
}

static void
wait_over(struct fixture *f, enum pulse_end how, uint64_t least_ms)
{
	assert_int_equal(session_run(&f->user->session,
			     clock_now_ms() + USER_PATIENCE_MS, &f->done),
	    SESSION_WAIT_DONE);
	assert_int_equal(f->how, how);
	assert_true(clock_now_ms() - f->began >= least_ms);
	assert_true(clock_now_ms() - f->began < USER_NOTICED_MS);
	assert_true(f->user->session.pulse.waited_ms >= least_ms);
	user_runs(f->user, 2 * SILENT_MS);
	assert_int_equal(f->over, 1);
}

/* Answers the first call, and takes the others. */
static void
play_first(struct script *script, int fd)
{
	script_read_call(script, fd);
	script_reply(script, fd);
	while (script_read_call(script, fd))
		atomic_fetch_add(&calls, 1);
}

static void
one_that_answers_nothing_hangs(void **state)
{
	struct fixture *f = *state;

	listen_to(f, play_first, true, TIMER_NEVER);
	wait_over(f, PULSE_HANGS, SILENT_MS + PING_MS);
	assert_int_equal(f->asked, 1);
}

/* Its answers to questions are nothing of what it owes. */
static void
one_that_answers_questions_alone_is_late(void **state)
{
	struct fixture *f = *state;

	listen_to(f, play_replies, true, LIMIT_MS);
	wait_over(f, PULSE_LATE, LIMIT_MS);
	assert_true(f->asked >= 2);
}

/* Answers the first call, and the others with what is no result. */
static void
play_refusals(struct script *script, int fd)
{
	script_read_call(script, fd);
	script_reply(script, fd);
	script->count = 1;
	play_replies(script, fd);
}

static void
one_that_refuses_questions_is_late(void **state)
{
	struct fixture *f = *state;

	listen_to(f, play_refusals, true, LIMIT_MS);
	wait_over(f, PULSE_LATE, LIMIT_MS);
	assert_true(f->asked >= 2);
}

static void
one_that_is_not_asked_is_late(void **state)
{
	struct fixture *f = *state;

	listen_to(f, play_first, false, LIMIT_MS);
	wait_over(f, PULSE_LATE, LIMIT_MS);
	assert_int_equal(f->asked, 0);
	assert_int_equal(atomic_load(&calls), 0);
}

/* After an answer the time begins anew. */
static void
one_that_was_heard_is_not_late(void **state)
{
	struct fixture *f = *state;

	listen_to(f, play_replies, true, LIMIT_MS);
	user_runs(f->user, LIMIT_MS / 2);
	pulse_heard(&f->user->session.pulse);
	wait_over(f, PULSE_LATE, LIMIT_MS);
	assert_true(clock_now_ms() - f->began >= LIMIT_MS + LIMIT_MS / 4);
}

/* It was looked at between, and nothing came from there on. */
static void
silence_counts_from_the_latest_answer(void **state)
{
	struct fixture *f = *state;
	struct pulse *pulse = &f->user->session.pulse;

	pulse->silent_ms = LIMIT_MS;
	listen_to(f, play_first, true, TIMER_NEVER);
	user_runs(f->user, LIMIT_MS / 2);
	pulse_heard(pulse);
	user_runs(f->user, LIMIT_MS * 2 / 3);
	assert_int_equal(pulse->item.timer.due, pulse->heard_ms + LIMIT_MS);
	assert_int_equal(f->asked, 0);
}

/* Parts of a long answer, for twice the limit. */
static void
play_drip(struct script *script, int fd)
{
	static const uint8_t header[] = { 0x80, 0x00, 0xff, 0xff };

	script_read_call(script, fd);
	script_reply(script, fd);
	send(fd, header, sizeof(header), MSG_NOSIGNAL);
	for (int i = 0; i < 2 * LIMIT_MS / 20; i++) {
		send(fd, "", 1, MSG_NOSIGNAL);
		poll(NULL, 0, 20);
	}
	play_first(script, fd);
}

static void
a_line_that_moves_is_waited_for(void **state)
{
	struct fixture *f = *state;

	listen_to(f, play_drip, true, LIMIT_MS);
	user_runs(f->user, 2 * LIMIT_MS - SILENT_MS);
	assert_int_equal(f->over, 0);
	assert_true(f->asked > 0);
	f->began = clock_now_ms();
	wait_over(f, PULSE_HANGS, PING_MS);
}

static void
a_line_that_moves_is_not_late(void **state)
{
	struct fixture *f = *state;

	listen_to(f, play_drip, false, LIMIT_MS);
	user_runs(f->user, 2 * LIMIT_MS - SILENT_MS);
	assert_int_equal(f->over, 0);
	wait_over(f, PULSE_LATE, LIMIT_MS);
}

static void
one_that_owes_nothing_is_left_in_peace(void **state)
{
	struct fixture *f = *state;

	listen_to(f, play_first, true, LIMIT_MS);
	user_runs(f->user, SILENT_MS + PING_MS / 2);
	assert_int_equal(atomic_load(&calls), 1);
	pulse_stop(&f->user->session.pulse);
	user_runs(f->user, LIMIT_MS);
	assert_int_equal(f->asked + f->over, 0);
	assert_int_equal(atomic_load(&calls), 1);
	session_disconnect(&f->user->session);
	user_runs(f->user, SILENT_MS);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(one_that_answers_nothing_hangs),
		CASE(one_that_answers_questions_alone_is_late),
		CASE(one_that_refuses_questions_is_late),
		CASE(one_that_is_not_asked_is_late),
		CASE(one_that_was_heard_is_not_late),
		CASE(silence_counts_from_the_latest_answer),
		CASE(a_line_that_moves_is_waited_for),
		CASE(a_line_that_moves_is_not_late),
		CASE(one_that_owes_nothing_is_left_in_peace),
	};

	user_main();
	return cmocka_run_group_tests_name("client_pulse", tests, NULL, NULL);
}
