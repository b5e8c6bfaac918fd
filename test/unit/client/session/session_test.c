/*
 * What client/session/session promises: no server, however it behaves, holds a
 * call or a wait longer than its time, or than a user who interrupts it.
 */
#include "client/session/session.h"

#include "base/base.h"
#include "base/clock.h"
#include "test/lib/user.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* A call that nothing is returned to. */
static const uint32_t pong[] = { 1, 0, 0, 0, 0 };

/* A wait for nothing. */
static const bool never = false;

static enum clnt_stat
last_status(const struct user *u)
{
	return u->session.last.error.re_status;
}

static void
play_pong(struct user *u)
{
	u->script.words = pong;
	u->script.count = ARRAY_LEN(pong);
	user_play(u, play_replies);
}

/* A call that was begun then has ended at its time. */
static void
assert_ended_in_time(const struct user *u, uint64_t began)
{
	uint64_t took = clock_now_ms() - began;

	assert_int_equal(last_status(u), RPC_TIMEDOUT);
	assert_true(took >= USER_BRIEF_MS);
	assert_true(took < USER_NOTICED_MS);
}

static void
silence_ends_at_the_deadline(void **state)
{
	struct user *u = *state;
	uint64_t began = clock_now_ms();

	user_play(u, play_silence);
	assert_int_equal(user_pings(u, USER_BRIEF_MS), SESSION_UNANSWERED);
	assert_ended_in_time(u, began);
	assert_false(u->session.met);
}

/* Half a reply, a byte at a time. */
static void
play_drip(struct script *script, int fd)
{
	static const uint8_t header[] = { 0x00, 0x00, 0xff, 0xff };
	struct pollfd gone = { .fd = fd, .events = POLLRDHUP };

	script_read_call(script, fd);
	send(fd, header, sizeof(header), MSG_NOSIGNAL);
	while (poll(&gone, 1, USER_BRIEF_MS / 10) == 0)
		send(fd, "", 1, MSG_NOSIGNAL);
}

static void
drip_ends_at_the_deadline(void **state)
{
	struct user *u = *state;
	uint64_t began = clock_now_ms();

	user_play(u, play_drip);
	assert_int_equal(user_pings(u, USER_BRIEF_MS), SESSION_UNANSWERED);
	assert_ended_in_time(u, began);
}

/* Replies to calls that were never made. */
static void
play_others(struct script *script, int fd)
{
	struct pollfd gone = { .fd = fd, .events = POLLRDHUP };
	uint32_t words[6] = { 0, 1 };

	script_read_call(script, fd);
	words[0] = script_call_word(script, 0) + 1;
	while (poll(&gone, 1, USER_BRIEF_MS / 10) == 0)
		script_send(fd, words, 6);
}

static void
replies_to_others_end_at_the_deadline(void **state)
{
	struct user *u = *state;
	uint64_t began = clock_now_ms();

	user_play(u, play_others);
	assert_int_equal(user_pings(u, USER_BRIEF_MS), SESSION_UNANSWERED);
	assert_ended_in_time(u, began);
}

/* Reads nothing, until the test is over and closes the listener. */
static void
play_deaf(struct script *script, int fd)
{
	struct pollfd over = { .fd = script->listener, .events = POLLIN };

	(void)fd;
	poll(&over, 1, USER_NOTICED_MS);
}

static int
text_call(struct user *u, reverse_args *args)
{
	reverse_result result;

	return session_try(&u->session, &procedure_text, args, &result,
	    clock_now_ms() + USER_BRIEF_MS);
}

/* More than the socket's buffers take. */
static void
sending_ends_at_the_deadline(void **state)
{
	struct user *u = *state;
	reverse_args args = { .text.message_len = MESSAGE_MAX };
	int little = 4096;
	uint64_t began;

	args.text.message_val = calloc(1, MESSAGE_MAX);
	assert_non_null(args.text.message_val);
	user_play(u, play_deaf);
	assert_int_equal(user_pings(u, USER_BRIEF_MS), SESSION_UNANSWERED);
	setsockopt(u->session.channel->flow.item.fd, SOL_SOCKET, SO_SNDBUF,
	    &little, sizeof(little));
	do {
		began = clock_now_ms();
		assert_int_equal(text_call(u, &args), SESSION_UNANSWERED);
		assert_ended_in_time(u, began);
	} while (buffer_len(&u->session.channel->flow.out) == 0);
	free(args.text.message_val);
}

/* By the time the call has arrived the client waits. */
static void
play_interrupt(struct script *script, int fd)
{
	script_read_call(script, fd);
	kill(getpid(), SIGINT);
	play_silence(script, fd);
}

static void
interrupt_ends_a_call(void **state)
{
	struct user *u = *state;
	uint64_t began = clock_now_ms();

	user_play(u, play_interrupt);
	assert_int_equal(user_pings(u, USER_PATIENCE_MS), SESSION_INTERRUPTED);
	assert_int_equal(u->session.killed, SIGINT);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
}

static void
the_first_signal_is_the_one_that_ends_it(void **state)
{
	struct user *u = *state;

	kill(getpid(), SIGTERM);
	user_runs(u, USER_PATIENCE_MS);
	assert_true(u->session.interrupted);
	session_forgive(&u->session);
	kill(getpid(), SIGINT);
	user_runs(u, USER_PATIENCE_MS);
	assert_true(u->session.interrupted);
	assert_int_equal(u->session.killed, SIGTERM);
}

/* One program of a script that runs in the background, say. */
static void
what_is_ignored_ends_nothing(void **state)
{
	struct user *u = *state;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGINT, SIG_IGN);
	user_restart(u);
	kill(getpid(), SIGINT);
	assert_int_equal(session_run(&u->session, clock_now_ms() + 1, &never),
	    SESSION_WAIT_LATE);
	assert_int_equal(u->session.killed, 0);
	signal(SIGINT, SIG_DFL);
}

static void
interruption_outlives_the_call(void **state)
{
	struct user *u = *state;

	play_pong(u);
	assert_int_equal(user_pings(u, USER_PATIENCE_MS), 0);
	kill(getpid(), SIGINT);
	assert_int_equal(session_run(&u->session, SESSION_FOREVER, &never),
	    SESSION_WAIT_INTERRUPTED);
	assert_int_equal(user_pings(u, USER_PATIENCE_MS), SESSION_INTERRUPTED);
	assert_int_equal(session_run(&u->session, SESSION_FOREVER, &never),
	    SESSION_WAIT_INTERRUPTED);
	session_forgive(&u->session);
	assert_int_equal(user_pings(u, USER_PATIENCE_MS), 0);
}

/* It comes when nobody waits, and when what was waited for is there. */
static void
an_interrupt_between_two_calls_ends_the_next(void **state)
{
	static const bool done = true;
	struct user *u = *state;
	uint64_t began = clock_now_ms();

	user_play(u, play_silence);
	assert_int_equal(user_pings(u, USER_BRIEF_MS), SESSION_UNANSWERED);
	kill(getpid(), SIGINT);
	assert_int_equal(session_run(&u->session, SESSION_FOREVER, &done),
	    SESSION_WAIT_DONE);
	assert_int_equal(user_pings(u, USER_PATIENCE_MS), SESSION_INTERRUPTED);
	assert_int_equal(user_pings(u, USER_PATIENCE_MS), SESSION_INTERRUPTED);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
}

static void
waits_end_at_the_deadline_or_before(void **state)
{
	static const bool done = true;
	struct user *u = *state;
	uint64_t began = clock_now_ms();

	assert_int_equal(
	    session_run(&u->session, began + USER_BRIEF_MS, &never),
	    SESSION_WAIT_LATE);
	assert_true(clock_now_ms() - began >= USER_BRIEF_MS);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	/* What has passed is not waited for. */
	assert_int_equal(
	    session_run(&u->session, began, &never), SESSION_WAIT_LATE);
	assert_int_equal(
	    session_run(&u->session, began, &done), SESSION_WAIT_DONE);
	assert_int_equal(session_left_until(began), 0);
	assert_true(session_left_until(clock_now_ms() + USER_PATIENCE_MS) >
	    USER_PATIENCE_MS / 2);
	assert_true(session_left_until(SESSION_FOREVER) == SESSION_FOREVER);
}

static void
a_closed_connection_is_lost(void **state)
{
	struct user *u = *state;

	user_play(u, play_hang_up);
	assert_int_equal(user_pings(u, USER_PATIENCE_MS), SESSION_UNANSWERED);
	assert_int_equal(last_status(u), RPC_CANTRECV);
	assert_int_equal(u->session.last.error.re_errno, ECONNRESET);
	assert_false(session_is_connected(&u->session));
}

static void
a_reply_is_accounted_for(void **state)
{
	struct user *u = *state;

	play_pong(u);
	assert_int_equal(user_pings(u, USER_PATIENCE_MS), 0);
	assert_int_equal(last_status(u), RPC_SUCCESS);
	assert_int_equal(u->session.last.xid, script_call_word(&u->script, 0));
	assert_int_equal(u->session.last.call_bytes, u->script.call_length);
	assert_int_equal(u->session.last.reply_bytes, 6 * 4);
	assert_true(u->session.last.microseconds > 0);
	assert_true(u->session.met);
}

/* RFC 5531, appendix A: what AUTH_SYS holds, and how much of it. */
static void
the_user_goes_along(void **state)
{
	struct user *u = *state;
	size_t at, name;

	play_pong(u);
	assert_int_equal(user_pings(u, USER_PATIENCE_MS), 0);
	assert_int_equal(script_call_word(&u->script, 6), AUTH_SYS);
	name = script_call_word(&u->script, 9);
	assert_true(name <= 255);
	at = 10 + (name + 3) / 4;
	assert_int_equal(script_call_word(&u->script, at), geteuid());
	assert_int_equal(script_call_word(&u->script, at + 1), getegid());
	assert_true(script_call_word(&u->script, at + 2) <= 16);
}

/* A result that ends in its midst leaves nothing behind to free. */
static void
a_torn_result_is_dropped(void **state)
{
	static const uint32_t words[] = { 1, 0, 0, 0, 0, STATUS_OK, 4,
		0x61626364, 1000 };
	struct user *u = *state;
	call_context args = { 0 };
	greet_result result, zero = { 0 };

	u->script.words = words;
	u->script.count = ARRAY_LEN(words);
	user_play(u, play_replies);
	assert_int_equal(session_try(&u->session, &procedure_greet, &args,
			     &result, clock_now_ms() + USER_PATIENCE_MS),
	    SESSION_UNANSWERED);
	assert_int_equal(last_status(u), RPC_CANTDECODERES);
	assert_memory_equal(&result, &zero, sizeof(zero));
}

static void
sockets_are_not_inherited(void **state)
{
	struct user *u = *state;

	play_pong(u);
	assert_int_equal(user_pings(u, USER_PATIENCE_MS), 0);
	assert_true((fcntl(u->session.channel->flow.item.fd, F_GETFD) &
			FD_CLOEXEC) != 0);
}

/* The server ended it, while nobody called: the next call finds out. */
static void
a_connection_that_ended_between_calls_is_no_error(void **state)
{
	struct user *u = *state;

	u->script.words = pong;
	u->script.count = ARRAY_LEN(pong);
	user_play(u, play_reply);
	for (unsigned int i = 1; i <= 3; i++) {
		assert_int_equal(user_pings(u, USER_PATIENCE_MS), 0);
		assert_int_equal(atomic_load(&u->script.accepted), i);
		while (session_is_connected(&u->session))
			user_runs(u, 1);
	}
}

/* What its loop is told of comes before the call. */
static void
that_it_ended_is_noticed_without_a_wait(void **state)
{
	struct user *u = *state;
	struct pollfd ended = { .events = POLLRDHUP };

	u->script.words = pong;
	u->script.count = ARRAY_LEN(pong);
	user_play(u, play_reply);
	for (unsigned int i = 1; i <= 3; i++) {
		assert_int_equal(user_pings(u, USER_PATIENCE_MS), 0);
		ended.fd = u->session.channel->flow.item.fd;
		assert_int_equal(poll(&ended, 1, USER_NOTICED_MS), 1);
	}
	assert_int_equal(atomic_load(&u->script.accepted), 3);
}

static void
a_loop_that_fails_is_neither_success_nor_late(void **state)
{
	static const bool done = true;
	struct user *u = *state;

	play_pong(u);
	user_loses_loop(u);
	assert_int_equal(session_run(&u->session, SESSION_FOREVER, &never),
	    SESSION_WAIT_FAILED);
	assert_int_equal(u->session.error, EINVAL);
	assert_int_equal(session_run(&u->session, SESSION_FOREVER, &done),
	    SESSION_WAIT_DONE);
	assert_int_equal(user_pings(u, USER_PATIENCE_MS), SESSION_BROKEN);
	assert_int_equal(atomic_load(&u->script.accepted), 0);
}

int
main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, user_setup, user_teardown)
	const struct CMUnitTest tests[] = {
		CASE(silence_ends_at_the_deadline),
		CASE(drip_ends_at_the_deadline),
		CASE(replies_to_others_end_at_the_deadline),
		CASE(sending_ends_at_the_deadline),
		CASE(interrupt_ends_a_call),
		CASE(the_first_signal_is_the_one_that_ends_it),
		CASE(what_is_ignored_ends_nothing),
		CASE(interruption_outlives_the_call),
		CASE(an_interrupt_between_two_calls_ends_the_next),
		CASE(waits_end_at_the_deadline_or_before),
		CASE(a_closed_connection_is_lost),
		CASE(a_reply_is_accounted_for),
		CASE(the_user_goes_along),
		CASE(a_torn_result_is_dropped),
		CASE(sockets_are_not_inherited),
		CASE(a_connection_that_ended_between_calls_is_no_error),
		CASE(that_it_ended_is_noticed_without_a_wait),
		CASE(a_loop_that_fails_is_neither_success_nor_late),
	};

	user_main();
	return cmocka_run_group_tests_name("client_session", tests, NULL, NULL);
}
