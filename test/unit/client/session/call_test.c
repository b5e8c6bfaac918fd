/*
 * What client/session/call makes of every way a call can end: an exit code,
 * and words that name the cause.
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

/* A call, with what it says on standard error in u->text. */
static int
call(
    struct user *u, const struct procedure *procedure, void *args, void *result)
{
	int r;

	user_listens(u);
	r = call_server(&u->session, procedure, args, result);
	user_has_heard(u);
	return r;
}

static int
greet(struct user *u)
{
	call_context args = { 0 };
	greet_result result;
	int r = call(u, &procedure_greet, &args, &result);

	if (r == EXIT_DONE)
		procedure_free(&procedure_greet, &result);
	return r;
}

static int
ping(struct user *u)
{
	return call(u, &procedure_ping, NULL, NULL);
}

/* The words of a reply after its xid, and what is to come of it. */
struct ending {
	uint32_t words[20];
	size_t count;
	int code;
	const char *says;
};

/* RFC 5531, section 9: MSG_ACCEPTED with a verifier of AUTH_NONE. */
#define ACCEPTED       1, 0, 0, 0
#define DENIED         1, 1
#define REFUSED(code_) ACCEPTED, SUCCESS, (code_), (code_)

static const struct ending endings[] = {
	{ { ACCEPTED, PROG_UNAVAIL }, 5, EXIT_UNREACHABLE,
	    "answers, but does not serve reverse (program 544367990)" },
	{ { ACCEPTED, PROG_MISMATCH, 2, 3 }, 7, EXIT_FAILED,
	    "serves versions 2 to 3 of reverse, and this program speaks 1" },
	{ { ACCEPTED, PROC_UNAVAIL }, 5, EXIT_FAILED,
	    "did not do REVERSE_GREET: Procedure unavailable" },
	{ { ACCEPTED, GARBAGE_ARGS }, 5, EXIT_FAILED,
	    "did not do REVERSE_GREET: Server can't decode arguments" },
	{ { ACCEPTED, SYSTEM_ERR }, 5, EXIT_FAILED,
	    "did not do REVERSE_GREET: Remote system error" },
	{ { DENIED, RPC_MISMATCH, 3, 4 }, 5, EXIT_FAILED,
	    "did not do REVERSE_GREET" },
	{ { DENIED, AUTH_ERROR, AUTH_TOOWEAK }, 4, EXIT_FAILED,
	    "does not accept the credential of this user: AUTH_TOOWEAK" },
	{ { ACCEPTED, SUCCESS, 99, 99, 0 }, 7, EXIT_FAILED,
	    "sent an answer to REVERSE_GREET that reverse.x does not allow" },
	{ { REFUSED(STATUS_UNAVAILABLE), 4, 0x676f1b6e, 0, 0, 0, 0, 1500 }, 14,
	    EXIT_FAILED,
	    "the server refused: UNAVAILABLE: go\\x1bn; "
	    "try again in 1.500 s" },
	{ { REFUSED(STATUS_DEADLINE_EXCEEDED), 0, 0, 0, 0, 0, 0 }, 13,
	    EXIT_DEADLINE, "the server refused: DEADLINE_EXCEEDED\n" },
};

static void
every_ending_has_its_code_and_words(void **state)
{
	struct user *u = *state;

	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		u->script.words = endings[i].words;
		u->script.count = endings[i].count;
		user_play(u, play_reply);
		assert_int_equal(greet(u), endings[i].code);
		assert_says(u, endings[i].says);
		user_stop_playing(u);
	}
}

static void
a_lost_connection_is_exit_3(void **state)
{
	struct user *u = *state;

	user_play(u, play_hang_up);
	assert_int_equal(greet(u), EXIT_UNREACHABLE);
	assert_says(u, "was lost: Connection reset by peer");
	assert_false(session_is_connected(&u->session));
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
	user_play(u, play_others);
	assert_int_equal(greet(u), EXIT_DEADLINE);
}

/* The second one is answered, and the first after it. */
static void
play_late(struct script *script, int fd)
{
	static const uint32_t words[] = { ACCEPTED, SUCCESS };
	uint32_t late[6] = { 0, 1 };

	script_read_call(script, fd);
	late[0] = script_call_word(script, 0);
	script_read_call(script, fd);
	script_send(fd, late, 6);
	script->words = words;
	script->count = ARRAY_LEN(words);
	script_reply(script, fd);
	play_silence(script, fd);
}

static void
a_passed_deadline_is_exit_4(void **state)
{
	struct user *u = *state;

	u->settings.deadline_ms = 150;
	user_play(u, play_late);
	assert_int_equal(greet(u), EXIT_DEADLINE);
	assert_string_equal(
	    u->text, "reverse: no answer within the deadline of 0.150 s\n");
	/* The connection is as good as before. */
	u->settings.deadline_ms = USER_PATIENCE_MS;
	assert_int_equal(ping(u), EXIT_DONE);
	assert_int_equal(u->session.last.xid, script_call_word(&u->script, 0));
	assert_int_equal(atomic_load(&u->script.accepted), 1);
}

static void
an_interrupt_is_exit_130_without_words(void **state)
{
	struct user *u = *state;

	user_play(u, play_silence);
	kill(getpid(), SIGINT);
	assert_int_equal(greet(u), EXIT_INTERRUPTED);
	assert_string_equal(u->text, "");
}

static void
quiet_is_quiet(void **state)
{
	struct user *u = *state;

	user_play(u, play_hang_up);
	say_at(SAY_NOTHING);
	assert_int_equal(greet(u), EXIT_UNREACHABLE);
	say_at(SAY_ERRORS);
	assert_string_equal(u->text, "");
}

static void
nobody_there_is_exit_3_with_what_was_tried(void **state)
{
	struct user *u = *state;
	uint64_t began = clock_now_ms();
	char expect[128], where[ENDPOINT_TEXT_SIZE];

	user_play(u, play_silence);
	user_stop_playing(u);
	/* It is not looked for as one that was lost. */
	u->settings.retry_ms = USER_PATIENCE_MS;
	assert_int_equal(greet(u), EXIT_UNREACHABLE);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	snprintf(expect, sizeof(expect),
	    "cannot reach a reverse server at %s\n",
	    endpoint_text(&u->script.at, where));
	assert_says(u, expect);
	snprintf(expect, sizeof(expect), "  tried %s: Connection refused\n",
	    endpoint_text(&u->script.at, where));
	assert_says(u, expect);
	assert_says(u, "start one with: reversed");
}

/* The deadline that a call to an answering server carried, in ms. */
static uint32_t
deadline_of_a_call(struct user *u)
{
	static const uint32_t words[] = { REFUSED(STATUS_INTERNAL), 0, 0, 0, 0,
		0, 0 };
	size_t at;

	u->script.words = words;
	u->script.count = ARRAY_LEN(words);
	user_play(u, play_reply);
	assert_int_equal(greet(u), EXIT_FAILED);
	at = 8 + script_call_word(&u->script, 7) / 4;
	/* The verifier is empty; a call_context begins with the deadline. */
	assert_int_equal(script_call_word(&u->script, at + 1), 0);
	return script_call_word(&u->script, at + 2);
}

static void
what_is_left_of_the_deadline_goes_along(void **state)
{
	struct user *u = *state;
	uint32_t deadline;

	u->settings.deadline_ms = 20000;
	deadline = deadline_of_a_call(u);
	assert_in_range(deadline, 10000, 20000);
}

static void
no_deadline_is_sent_where_none_was_asked_for(void **state)
{
	assert_int_equal(deadline_of_a_call(*state), 0);
}

static void
trace_shows_the_call(void **state)
{
	static const uint32_t words[] = { ACCEPTED, SUCCESS };
	struct user *u = *state;
	char expect[128], where[ENDPOINT_TEXT_SIZE];

	u->settings.trace = true;
	u->script.words = words;
	u->script.count = ARRAY_LEN(words);
	user_play(u, play_reply);
	assert_int_equal(call(u, &procedure_ping, NULL, NULL), EXIT_DONE);
	snprintf(expect, sizeof(expect),
	    "trace: REVERSE_PING %s xid=0x%08x call %zu bytes, reply 24 bytes",
	    endpoint_text(&u->script.at, where),
	    script_call_word(&u->script, 0), u->script.call_length);
	assert_says(u, expect);
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
		CASE(every_ending_has_its_code_and_words),
		CASE(a_lost_connection_is_exit_3),
		CASE(what_is_no_reply_is_not_taken_for_one),
		CASE(a_passed_deadline_is_exit_4),
		CASE(an_interrupt_is_exit_130_without_words),
		CASE(quiet_is_quiet),
		CASE(nobody_there_is_exit_3_with_what_was_tried),
		CASE(what_is_left_of_the_deadline_goes_along),
		CASE(no_deadline_is_sent_where_none_was_asked_for),
		CASE(trace_shows_the_call),
		CASE(what_breaks_before_its_answer_is_made_again),
		CASE(without_retrying_one_loss_is_the_end),
		CASE(retrying_is_bounded_by_time_and_slows_down),
		CASE(an_interrupt_ends_the_pause_before_another_attempt),
		CASE(a_deadline_ends_the_attempts),
		CASE(a_server_that_was_there_is_looked_for_again),
		CASE(a_server_that_comes_back_answers),
		CASE(an_answer_that_is_too_long_is_not_our_fault),
		CASE(silence_without_a_deadline_is_exit_4),
		CASE(a_call_takes_as_long_as_it_moves),
		CASE(a_server_that_hangs_is_left_for_another),
		CASE(a_loop_that_fails_is_exit_1),
		CASE(a_loop_that_fails_in_a_call_is_exit_1),
	};

	user_main();
	return cmocka_run_group_tests_name("client_call", tests, NULL, NULL);
}
