/*
 * What client/session/call makes of connections that break, of servers that
 * hang, and of whoever is no server.
 */
#include "client/session/call.h"

#include "base/base.h"
#include "base/clock.h"
#include "client/session/explain.h"
#include "test/lib/user.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* RFC 5531, section 9: MSG_ACCEPTED with a verifier of AUTH_NONE. */
#define ACCEPTED 1, 0, 0, 0

static int
greet(struct user *u)
{
	call_context args = { 0 };
	greet_result result;
	int r = user_calls(u, &procedure_greet, &args, &result);

	if (r == EXIT_DONE)
		procedure_free(&procedure_greet, &result);
	return r;
}

static int
ping(struct user *u)
{
	return user_calls(u, &procedure_ping, NULL, NULL);
}

/* Records that hold no reply: an empty one, and what other servers say. */
static void
play_others(struct script *script, int fd)
{
	static const char
	    empty[] = "\0\0\0\0\x80\0\0",
	    other[] =
		"\x80\0\0\x0cHTTP/1.1 400\x80\0\0\x08\0\0\0\x01\0\0\0\x01";

	script_read_call(script, fd);
	send(fd, empty, sizeof(empty), MSG_NOSIGNAL);
	send(fd, other, sizeof(other) - 1, MSG_NOSIGNAL);
	play_silence(script, fd);
}

static void
what_is_no_reply_is_not_taken_for_one(void **state)
{
	struct user *u = *state;

	u->settings.deadline_ms = 150;
	u->settings.retry_ms = USER_PATIENCE_MS;
	u->session.met = true;
	user_play(u, play_others);
	assert_int_equal(greet(u), EXIT_DEADLINE);
}

/* How many connections the next script refuses to talk on. */
static unsigned int cut;

/* Those end with the call, the others are answered. */
static void
play_after_cuts(struct script *script, int fd)
{
	if (atomic_load(&script->accepted) <= cut)
		script_read_call(script, fd);
	else
		play_replies(script, fd);
}

static const uint32_t pong[] = { ACCEPTED, SUCCESS };

static void
play_cuts(struct user *u, unsigned int count)
{
	cut = count;
	u->script.words = pong;
	u->script.count = ARRAY_LEN(pong);
	user_play(u, play_after_cuts);
}

static void
what_breaks_before_its_answer_is_made_again(void **state)
{
	struct user *u = *state;

	u->settings.retry_ms = USER_PATIENCE_MS;
	play_cuts(u, 3);
	assert_int_equal(ping(u), EXIT_DONE);
	assert_string_equal(u->text, "");
	assert_int_equal(atomic_load(&u->script.accepted), 4);
	assert_int_equal(ping(u), EXIT_DONE);
	assert_int_equal(atomic_load(&u->script.accepted), 4);
}

static void
without_retrying_one_loss_is_the_end(void **state)
{
	struct user *u = *state;

	play_cuts(u, 1);
	assert_int_equal(ping(u), EXIT_UNREACHABLE);
	assert_int_equal(atomic_load(&u->script.accepted), 1);
	assert_int_equal(ping(u), EXIT_DONE);
}

static void
what_may_not_be_done_twice_is_not_made_again(void **state)
{
	struct user *u = *state;
	struct procedure once = procedure_ping;

	once.once = true;
	u->settings.retry_ms = USER_PATIENCE_MS;
	play_cuts(u, 1);
	assert_int_equal(user_calls(u, &once, NULL, NULL), EXIT_UNREACHABLE);
	assert_says(u, "REVERSE_PING may have been done, or not");
	assert_int_equal(atomic_load(&u->script.accepted), 1);
}

/* At once; then after 25 to 50 ms, 50 to 100, 100 to 200, 200 to 400. */
static void
retrying_is_bounded_by_time_and_slows_down(void **state)
{
	struct user *u = *state;
	uint64_t began = clock_now_ms();

	u->settings.retry_ms = 400;
	play_cuts(u, UINT32_MAX);
	assert_int_equal(ping(u), EXIT_UNREACHABLE);
	assert_says(u, "was lost: Connection reset by peer");
	assert_true(clock_now_ms() - began >= 400);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	assert_in_range(atomic_load(&u->script.accepted), 3, 7);
}

/* The connection is closed some time before. */
static void
play_interrupted_pause(struct script *script, int fd)
{
	script_read_call(script, fd);
	if (atomic_load(&script->accepted) < 6)
		return;
	shutdown(fd, SHUT_RDWR);
	poll(NULL, 0, 20);
	kill(getpid(), SIGINT);
}

static void
an_interrupt_ends_the_pause_before_another_attempt(void **state)
{
	struct user *u = *state;

	u->settings.retry_ms = USER_PATIENCE_MS;
	user_play(u, play_interrupted_pause);
	assert_int_equal(ping(u), EXIT_INTERRUPTED);
	assert_string_equal(u->text, "");
}

static void
a_deadline_ends_the_attempts(void **state)
{
	struct user *u = *state;

	u->settings.deadline_ms = USER_BRIEF_MS;
	u->settings.retry_ms = USER_PATIENCE_MS;
	play_cuts(u, UINT32_MAX);
	assert_int_equal(ping(u), EXIT_DEADLINE);
	assert_string_equal(
	    u->text, "reverse: no answer within the deadline of 0.200 s\n");
}

static void
a_server_that_was_there_is_looked_for_again(void **state)
{
	struct user *u = *state;
	uint64_t began;

	play_cuts(u, 0);
	assert_int_equal(ping(u), EXIT_DONE);
	user_stop_playing(u);
	u->settings.retry_ms = USER_BRIEF_MS;
	began = clock_now_ms();
	assert_int_equal(ping(u), EXIT_UNREACHABLE);
	assert_true(clock_now_ms() - began >= USER_BRIEF_MS);
	assert_says(u, "cannot reach a reverse server");
	u->settings.retry_ms = USER_PATIENCE_MS;
	u->settings.deadline_ms = USER_BRIEF_MS;
	assert_int_equal(ping(u), EXIT_DEADLINE);
	assert_says(u, "before the deadline");
}

static void *
start_late(void *arg)
{
	poll(NULL, 0, USER_BRIEF_MS);
	script_start(arg);
	return NULL;
}

static void
a_server_that_comes_back_answers(void **state)
{
	struct user *u = *state;
	pthread_t thread;

	play_cuts(u, 0);
	assert_int_equal(ping(u), EXIT_DONE);
	user_stop_playing(u);
	u->settings.retry_ms = USER_PATIENCE_MS;
	u->script.play = play_replies;
	assert_int_equal(
	    pthread_create(&thread, NULL, start_late, &u->script), 0);
	assert_int_equal(ping(u), EXIT_DONE);
	pthread_join(thread, NULL);
	assert_int_equal(atomic_load(&u->script.accepted), 1);
}

/* A record without end. */
static void
play_endless(struct script *script, int fd)
{
	static const uint8_t mark[] = { 0x7f, 0xff, 0xff, 0xff };

	script_read_call(script, fd);
	send(fd, mark, sizeof(mark), MSG_NOSIGNAL);
	play_silence(script, fd);
}

static void
an_answer_that_is_too_long_is_not_our_fault(void **state)
{
	struct user *u = *state;

	user_play(u, play_endless);
	assert_int_equal(ping(u), EXIT_UNREACHABLE);
	assert_says(u, "was lost: Message too long");
}

/* Without a deadline, and with times that a test can wait for. */
static void
is_impatient(struct user *u, uint64_t patience_ms)
{
	u->session.patience_ms = patience_ms;
	u->session.pulse.silent_ms = 100;
	u->session.pulse.ping_ms = 150;
}

static void
silence_without_a_deadline_is_exit_4(void **state)
{
	struct user *u = *state;
	uint64_t began = clock_now_ms();

	is_impatient(u, 1000);
	u->session.met = true;
	user_play(u, play_silence);
	assert_int_equal(ping(u), EXIT_DEADLINE);
	assert_string_equal(u->text, "reverse: no answer within 1 s\n");
	assert_true(clock_now_ms() - began >= 1000);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
}

/* A pong, a byte at a time. */
static void
play_slowly(struct script *script, int fd)
{
	uint8_t reply[28] = { 0x80, 0, 0, 24 };

	script_read_call(script, fd);
	memcpy(reply + 4, script->call, 4);
	reply[11] = 1;
	for (size_t i = 0; i < sizeof(reply); i++) {
		poll(NULL, 0, 50);
		send(fd, reply + i, 1, MSG_NOSIGNAL);
	}
	play_silence(script, fd);
}

static void
a_call_takes_as_long_as_it_moves(void **state)
{
	struct user *u = *state;
	uint64_t began = clock_now_ms();

	is_impatient(u, 500);
	user_play(u, play_slowly);
	assert_int_equal(ping(u), EXIT_DONE);
	assert_true(clock_now_ms() - began >= 28 * 50);
}

/* Is there, for whoever looks for a server, and hangs. */
static void
play_hanging(struct script *script, int fd)
{
	script->words = pong;
	script->count = ARRAY_LEN(pong);
	play_reply(script, fd);
	play_silence(script, fd);
}

static void
a_server_that_hangs_is_left_for_another(void **state)
{
	struct user *u = *state;
	static struct script second;

	second = (struct script){
		.play = play_replies,
		.words = pong,
		.count = ARRAY_LEN(pong),
	};
	script_start(&second);
	user_play(u, play_hanging);
	user_knows(u, &second.at);
	is_impatient(u, USER_PATIENCE_MS);
	u->settings.retry_ms = USER_PATIENCE_MS;
	assert_int_equal(ping(u), EXIT_DONE);
	assert_string_equal(u->text, "");
	assert_true(endpoint_equal(&u->session.peer, &second.at));
	/* It was not asked a second time. */
	assert_int_equal(atomic_load(&u->script.accepted), 1);
	session_disconnect(&u->session);
	script_stop(&second);
}

/* Where nobody was ever met, it takes no patience to tell. */
static void
who_says_something_else_is_exit_3_at_once(void **state)
{
	struct user *u = *state;
	uint64_t began = clock_now_ms();

	u->settings.retry_ms = USER_PATIENCE_MS;
	user_play(u, play_endless);
	assert_int_equal(ping(u), EXIT_UNREACHABLE);
	assert_says(u, "nobody there has answered as a reverse server does");
	user_stop_playing(u);
	user_play(u, play_others);
	assert_int_equal(ping(u), EXIT_UNREACHABLE);
	assert_int_equal(atomic_load(&u->script.accepted), 1);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
}

/* It comes before the call has left. */
static void
play_banner(struct script *script, int fd)
{
	send(fd, "SSH-2.0-x\r\n", 11, MSG_NOSIGNAL);
	play_silence(script, fd);
}

static void
who_greets_first_is_exit_3_at_once(void **state)
{
	struct user *u = *state;

	u->settings.retry_ms = USER_PATIENCE_MS;
	for (int i = 0; i < 20; i++) {
		user_play(u, play_banner);
		assert_int_equal(ping(u), EXIT_UNREACHABLE);
		assert_says(u, "was lost: Message too long");
		assert_int_equal(atomic_load(&u->script.accepted), 1);
		user_stop_playing(u);
	}
}

static void
who_keeps_silent_is_exit_3_once_asked(void **state)
{
	struct user *u = *state;
	uint64_t began = clock_now_ms();

	u->settings.retry_ms = USER_PATIENCE_MS;
	is_impatient(u, USER_PATIENCE_MS);
	user_play(u, play_silence);
	assert_int_equal(ping(u), EXIT_UNREACHABLE);
	assert_says(u, "was lost: Connection timed out");
	assert_says(u, "nobody there has answered as a reverse server does");
	assert_int_equal(atomic_load(&u->script.accepted), 1);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
}

static void
who_hangs_up_is_exit_3_after_a_while(void **state)
{
	struct user *u = *state;
	uint64_t began = clock_now_ms();

	u->settings.retry_ms = USER_PATIENCE_MS;
	user_play(u, play_hang_up);
	assert_int_equal(ping(u), EXIT_UNREACHABLE);
	assert_says(u, "was lost: Connection reset by peer");
	assert_says(u, "nobody there has answered as a reverse server does");
	assert_true(atomic_load(&u->script.accepted) > 3);
	assert_true(clock_now_ms() - began >= 3000);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
}

static void
a_loop_that_fails_is_exit_1(void **state)
{
	struct user *u = *state;

	play_cuts(u, 0);
	u->settings.deadline_ms = USER_PATIENCE_MS;
	user_loses_loop(u);
	assert_int_equal(ping(u), EXIT_FAILED);
	assert_string_equal(
	    u->text, "reverse: cannot wait for a server: Invalid argument\n");
}

/* What the library says of a remote host is not for it. */
static void
a_loop_that_fails_in_a_call_is_exit_1(void **state)
{
	struct user *u = *state;

	play_cuts(u, 0);
	assert_int_equal(ping(u), EXIT_DONE);
	u->session.last.error = (struct rpc_err){ .re_status = RPC_SYSTEMERROR,
		.re_errno = ENOMEM };
	user_listens(u);
	assert_int_equal(
	    explain_failed(&u->session, &procedure_ping, SESSION_UNANSWERED),
	    EXIT_FAILED);
	user_has_heard(u);
	assert_string_equal(u->text,
	    "reverse: cannot wait for a server: Cannot allocate memory\n");
}

int
main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, user_setup, user_teardown)
	const struct CMUnitTest tests[] = {
		CASE(what_is_no_reply_is_not_taken_for_one),
		CASE(what_breaks_before_its_answer_is_made_again),
		CASE(without_retrying_one_loss_is_the_end),
		CASE(what_may_not_be_done_twice_is_not_made_again),
		CASE(retrying_is_bounded_by_time_and_slows_down),
		CASE(an_interrupt_ends_the_pause_before_another_attempt),
		CASE(a_deadline_ends_the_attempts),
		CASE(a_server_that_was_there_is_looked_for_again),
		CASE(a_server_that_comes_back_answers),
		CASE(an_answer_that_is_too_long_is_not_our_fault),
		CASE(silence_without_a_deadline_is_exit_4),
		CASE(a_call_takes_as_long_as_it_moves),
		CASE(a_server_that_hangs_is_left_for_another),
		CASE(who_says_something_else_is_exit_3_at_once),
		CASE(who_greets_first_is_exit_3_at_once),
		CASE(who_keeps_silent_is_exit_3_once_asked),
		CASE(who_hangs_up_is_exit_3_after_a_while),
		CASE(a_loop_that_fails_is_exit_1),
		CASE(a_loop_that_fails_in_a_call_is_exit_1),
	};

	user_main();
	return cmocka_run_group_tests_name(
	    "client_call_lost", tests, NULL, NULL);
}
