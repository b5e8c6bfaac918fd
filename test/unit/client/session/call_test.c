/*
 * What client/session/call makes of every way a call can end: an exit code,
 * and words that name the cause.
 */
#include "client/session/call.h"

#include "base/base.h"
#include "base/clock.h"
#include "client/session/explain.h"
#include "test/lib/user.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

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
	{ { ACCEPTED, SUCCESS, STATUS_INTERNAL, STATUS_OK, 0, 0, 0, 0, 0, 0 },
	    13, EXIT_FAILED, "the server is wrong: a failure has two codes\n" },
	{ { REFUSED(17), 0, 0, 0, 0, 0, 0 }, 13, EXIT_FAILED,
	    "the server refused: UNKNOWN\n" },
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
		user_play(u, play_replies);
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
	uint64_t began = clock_now_ms();
	unsigned int ms, us;
	int len = 0;

	u->settings.trace = true;
	user_restart(u);
	u->script.words = words;
	u->script.count = ARRAY_LEN(words);
	user_play(u, play_reply);
	assert_int_equal(user_calls(u, &procedure_ping, NULL, NULL), EXIT_DONE);
	snprintf(expect, sizeof(expect),
	    "trace: REVERSE_PING %s xid=0x%08x call %zu bytes, reply 24 bytes",
	    endpoint_text(&u->script.at, where),
	    script_call_word(&u->script, 0), u->script.call_length);
	assert_says(u, expect);
	assert_int_equal(sscanf(strstr(u->text, "reply 24 bytes"),
			     "reply 24 bytes, %u.%3u ms%n", &ms, &us, &len),
	    2);
	assert_true(len > 0 && ms <= clock_now_ms() - began);
}

static void
trace_shows_a_call_without_a_result(void **state)
{
	struct user *u = *state;

	u->settings.trace = true;
	user_restart(u);
	user_play(u, play_hang_up);
	assert_int_equal(ping(u), EXIT_UNREACHABLE);
	assert_says(u, " bytes, no result, ");
}

/* A connection takes a call of any length. */
static void
a_call_that_no_memory_takes_is_told(void **state)
{
	struct user *u = *state;

	u->session.last.error.re_status = RPC_CANTENCODEARGS;
	user_listens(u);
	assert_int_equal(
	    explain_failed(&u->session, &procedure_text, SESSION_UNANSWERED),
	    EXIT_FAILED);
	user_has_heard(u);
	assert_string_equal(u->text, "reverse: out of memory\n");
}

int
main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, user_setup, user_teardown)
	const struct CMUnitTest tests[] = {
		CASE(every_ending_has_its_code_and_words),
		CASE(a_lost_connection_is_exit_3),
		CASE(a_passed_deadline_is_exit_4),
		CASE(an_interrupt_is_exit_130_without_words),
		CASE(quiet_is_quiet),
		CASE(nobody_there_is_exit_3_with_what_was_tried),
		CASE(what_is_left_of_the_deadline_goes_along),
		CASE(no_deadline_is_sent_where_none_was_asked_for),
		CASE(trace_shows_the_call),
		CASE(trace_shows_a_call_without_a_result),
		CASE(a_call_that_no_memory_takes_is_told),
	};

	user_main();
	return cmocka_run_group_tests_name("client_call", tests, NULL, NULL);
}
