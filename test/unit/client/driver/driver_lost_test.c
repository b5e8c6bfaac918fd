/*
 * What client/driver/driver promises of servers that are lost, hang or fail,
 * and of users who interrupt it.
 */
#include "test/lib/each.h"

#include "base/base.h"
#include "base/clock.h"

#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
an_interrupt_ends_it_and_cancels_the_stream(void **state)
{
	struct each *f = *state;

	user_play(f->user, play_hand);
	f->hand.hold = 1000;
	f->hand.interrupt_at = 2;
	assert_int_equal(each_runs(f), EXIT_INTERRUPTED);
	assert_string_equal(f->user->text, "");
	assert_int_equal(f->user->session.killed, SIGINT);
	assert_int_equal(each_count(f, REVERSE_CANCEL), 1);
}

/* It has no name yet: OPEN is repeated, which makes no other stream. */
static void
an_interrupt_cancels_a_stream_that_is_just_opened(void **state)
{
	struct each *f = *state;

	user_play(f->user, play_hand);
	f->hand.mute_opens = 1;
	assert_int_equal(each_runs(f), EXIT_INTERRUPTED);
	assert_int_equal(each_count(f, REVERSE_OPEN), 2);
	assert_int_equal(each_count(f, REVERSE_CANCEL), 1);
	assert_int_equal(each_count(f, REVERSE_EXCHANGE), 0);
}

static void
a_server_that_hangs_is_told_farewell_for_a_second_at_most(void **state)
{
	struct each *f = *state;
	uint64_t began = clock_now_ms();

	user_play(f->user, play_hand);
	f->hand.silent_from = 2;
	f->hand.interrupt_at = 2;
	assert_int_equal(each_runs(f), EXIT_INTERRUPTED);
	assert_true(clock_now_ms() - began >= 1000);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
}

static void
a_lost_connection_goes_on_with_the_token(void **state)
{
	struct each *f = *state;

	user_play(f->user, play_hand);
	f->user->settings.retry_ms = USER_PATIENCE_MS;
	f->hand.cut_after = 3;
	f->count = 1000;
	assert_int_equal(each_runs(f), EXIT_DONE);
	assert_int_equal(f->answers, 1000);
	assert_int_equal(atomic_load(&f->user->script.accepted), 2);
	assert_int_equal(each_count(f, REVERSE_OPEN), 1);
	assert_string_equal(f->user->text, "");
}

static void
a_server_that_forgot_the_stream_is_given_another(void **state)
{
	struct each *f = *state;

	user_play(f->user, play_hand);
	f->user->settings.retry_ms = USER_PATIENCE_MS;
	f->hand.cut_after = 3;
	f->hand.forgets = true;
	f->count = 1000;
	assert_int_equal(each_runs(f), EXIT_DONE);
	assert_int_equal(f->answers, 1000);
	assert_int_equal(each_count(f, REVERSE_OPEN), 2);
}

static void
a_lost_connection_is_the_end_without_retrying(void **state)
{
	struct each *f = *state;

	user_play(f->user, play_hand);
	f->hand.cut_after = 2;
	f->count = 1000;
	assert_int_equal(each_runs(f), EXIT_UNREACHABLE);
	assert_says(f->user, "was lost: Connection reset by peer\n");
	assert_int_equal(each_count(f, REVERSE_CANCEL), 0);
}

static void
a_server_that_hangs_is_replaced_by_another(void **state)
{
	struct each *f = *state;
	static struct hand other;
	static struct script second;
	uint64_t began = clock_now_ms();

	user_play(f->user, play_hand);
	f->hand.silent_from = 2;
	memset(&second, 0, sizeof(second));
	second.play = play_hand;
	second.context = &other;
	script_start(&second);
	user_knows(f->user, &second.at);
	f->user->settings.retry_ms = USER_PATIENCE_MS;
	f->count = 1000;
	assert_int_equal(each_runs(f), EXIT_DONE);
	assert_int_equal(f->answers, 1000);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	assert_int_equal(atomic_load(&other.counts[REVERSE_OPEN]), 1);
	session_disconnect(&f->user->session);
	script_stop(&second);
	hand_clear(&other);
}

/* The kernel still takes connections for it. */
static void
a_server_that_hangs_for_good_is_exit_3(void **state)
{
	struct each *f = *state;

	user_play(f->user, play_hand);
	f->hand.silent_from = 2;
	f->count = 1000;
	assert_int_equal(each_runs(f), EXIT_UNREACHABLE);
	assert_says(f->user, "was lost: no answer\n");
}

/* It is no use to try again, which the message would advise. */
static void
a_server_that_answers_pings_alone_is_told_as_one(void **state)
{
	struct each *f = *state;

	user_play(f->user, play_hand);
	f->hand.silent_from = 2;
	f->hand.answers_pings = true;
	f->user->session.wait_ms = USER_BRIEF_MS;
	f->user->session.patience_ms = USER_BRIEF_MS;
	f->count = 1000;
	assert_int_equal(each_runs(f), EXIT_UNREACHABLE);
	assert_says(f->user, "does not answer REVERSE_EXCHANGE\n");
	assert_says(f->user, "it answers REVERSE_PING: it may");
}

static void
nobody_there_is_exit_3(void **state)
{
	struct each *f = *state;
	struct endpoint at = user_nowhere();
	uint64_t began = clock_now_ms();

	/* It is not looked for as one that was lost. */
	f->user->settings.retry_ms = USER_PATIENCE_MS;
	user_knows(f->user, &at);
	assert_int_equal(each_runs(f), EXIT_UNREACHABLE);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	assert_says(f->user, "cannot reach a reverse server at");
	assert_says(f->user, ": Connection refused\n");
}

static void
a_call_that_fails_ends_it(void **state)
{
	static const uint32_t words[] = { 1, 0, 0, 0, GARBAGE_ARGS };
	struct each *f = *state;

	f->user->script.words = words;
	f->user->script.count = ARRAY_LEN(words);
	user_play(f->user, play_replies);
	assert_int_equal(each_runs(f), EXIT_FAILED);
	assert_says(f->user, "did not do REVERSE_GREET");
}

/* No stream was made, and none is made to be cancelled. */
static void
a_stream_that_is_refused_is_not_opened_once_more(void **state)
{
	struct each *f = *state;

	user_play(f->user, play_hand);
	f->hand.refuses = STATUS_UNIMPLEMENTED;
	assert_int_equal(each_runs(f), EXIT_FAILED);
	assert_says(f->user, "the stream ended: UNIMPLEMENTED\n");
	user_stop_playing(f->user);
	assert_int_equal(each_count(f, REVERSE_OPEN), 1);
}

static void
nor_is_one_whose_procedure_is_not_done(void **state)
{
	struct each *f = *state;

	f->user->settings.security = SECURITY_SYS;
	user_restart(f->user);
	user_play(f->user, play_hand);
	f->hand.denies = 1u << REVERSE_OPEN;
	assert_int_equal(each_runs(f), EXIT_FAILED);
	assert_says(f->user, "does not accept the credential of this user");
	user_stop_playing(f->user);
	assert_int_equal(each_count(f, REVERSE_OPEN), 1);
}

static void
what_the_server_says_of_the_end_is_told_with_its_place(void **state)
{
	struct each *f = *state;

	f->hand.end.why.code = STATUS_INVALID_ARGUMENT;
	f->hand.end.why.at_message = 1;
	user_play(f->user, play_hand);
	assert_int_equal(each_runs(f), EXIT_FAILED);
	assert_string_equal(f->user->text,
	    "reverse: input:2: the stream ended: INVALID_ARGUMENT\n");
}

/* Where nobody was ever met, it takes no patience to tell. */
/* The server takes AUTH_SYS by all procedures but one. */
static void
assert_goes_on_without_user(struct each *f, unsigned int procedure)
{
	user_play(f->user, play_hand);
	f->hand.denies = 1u << procedure;
	f->count = 1000;
	assert_int_equal(each_runs(f), EXIT_DONE);
	assert_string_equal(f->user->text, "");
	assert_int_equal(f->answers, 1000);
	assert_int_equal(atomic_load(&f->user->script.accepted), 1);
}

static void
who_wants_no_user_is_told_none(void **state)
{
	assert_goes_on_without_user(*state, REVERSE_GREET);
}

static void
nor_where_a_stream_is_opened(void **state)
{
	assert_goes_on_without_user(*state, REVERSE_OPEN);
}

static void
nor_in_the_middle_of_it(void **state)
{
	assert_goes_on_without_user(*state, REVERSE_EXCHANGE);
}

static void
who_is_no_server_is_exit_3(void **state)
{
	void (*const plays[])(
	    struct script * script, int fd) = { play_hang_up, play_silence };
	struct each *f = *state;
	uint64_t began;

	f->user->settings.retry_ms = USER_PATIENCE_MS;
	f->user->session.pulse.silent_ms = 100;
	f->user->session.pulse.ping_ms = 150;
	for (size_t i = 0; i < ARRAY_LEN(plays); i++) {
		began = clock_now_ms();
		user_play(f->user, plays[i]);
		assert_int_equal(each_runs(f), EXIT_UNREACHABLE);
		assert_says(f->user, "nobody there has answered as a reverse");
		assert_true(clock_now_ms() - began < USER_NOTICED_MS);
		user_stop_playing(f->user);
	}
}

/* Which it asks to be left alone for, but there is another. */
static void
a_server_that_gives_up_is_replaced_by_another(void **state)
{
	struct each *f = *state;
	static struct hand other;
	static struct script second;
	uint64_t began = clock_now_ms();

	user_play(f->user, play_hand);
	f->hand.end.why.code = STATUS_UNAVAILABLE;
	f->hand.end.why.retry_after_ms = USER_PATIENCE_MS;
	second = (struct script){ .play = play_hand, .context = &other };
	script_start(&second);
	user_knows(f->user, &second.at);
	f->user->settings.retry_ms = 2 * USER_PATIENCE_MS;
	f->count = 1000;
	assert_int_equal(each_runs(f), EXIT_DONE);
	assert_int_equal(f->answers, 1000);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	assert_int_equal(atomic_load(&other.counts[REVERSE_OPEN]), 1);
	assert_int_equal(atomic_load(&f->user->script.accepted), 1);
	session_disconnect(&f->user->session);
	script_stop(&second);
	hand_clear(&other);
}

/* Runs the stream for so long, before a terminal, which has the text then. */
static void
drive_at_terminal(struct each *f, unsigned int ms, char *text, size_t size)
{
	int ours, theirs;
	ssize_t n;

	assert_int_equal(openpty(&ours, &theirs, NULL, NULL, NULL), 0);
	f->user->settings.retry_ms = USER_PATIENCE_MS;
	f->user->settings.deadline_ms = ms;
	user_restart(f->user);
	dup2(theirs, STDERR_FILENO);
	assert_int_equal(each_drives(f), EXIT_DEADLINE);
	dup2(f->user->kept, STDERR_FILENO);
	close(theirs);
	n = read(ours, text, size - 1);
	close(ours);
	assert_true(n > 0);
	text[n] = '\0';
}

/* One loss after the other, of which a user at a terminal is told once. */
static void
that_a_server_is_looked_for_is_told_once(void **state)
{
	struct each *f = *state;
	char text[4096], *first;

	user_play(f->user, play_hang_up);
	drive_at_terminal(f, 2500, text, sizeof(text));
	assert_true(atomic_load(&f->user->script.accepted) > 3);
	first = strstr(text, "ing for a");
	assert_non_null(first);
	assert_null(strstr(first + 1, "ing for a"));
}

static void
a_loop_that_fails_is_no_success(void **state)
{
	struct each *f = *state;

	user_play(f->user, play_hand);
	user_loses_loop(f->user);
	assert_int_equal(each_runs(f), EXIT_FAILED);
	assert_string_equal(f->user->text,
	    "reverse: cannot wait for a server: Invalid argument\n");
}

/* It has been silent for two seconds when that is found. */
static void
that_a_server_hangs_is_told_when_it_is_found(void **state)
{
	struct each *f = *state;
	const char *found = "reverse: looking for a server at 127.0.0.1:";
	char text[4096];

	user_play(f->user, play_hand);
	f->hand.silent_from = 2;
	f->count = 1000;
	drive_at_terminal(f, 3500, text, sizeof(text));
	assert_int_equal(strncmp(text, found, strlen(found)), 0);
	assert_null(strstr(text, "waiting for"));
}

int
main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, each_setup, each_teardown)
	const struct CMUnitTest tests[] = {
		CASE(an_interrupt_ends_it_and_cancels_the_stream),
		CASE(an_interrupt_cancels_a_stream_that_is_just_opened),
		CASE(a_server_that_hangs_is_told_farewell_for_a_second_at_most),
		CASE(a_lost_connection_goes_on_with_the_token),
		CASE(a_server_that_forgot_the_stream_is_given_another),
		CASE(a_lost_connection_is_the_end_without_retrying),
		CASE(a_server_that_hangs_is_replaced_by_another),
		CASE(a_server_that_gives_up_is_replaced_by_another),
		CASE(who_wants_no_user_is_told_none),
		CASE(nor_where_a_stream_is_opened),
		CASE(nor_in_the_middle_of_it),
		CASE(who_is_no_server_is_exit_3),
		CASE(a_server_that_hangs_for_good_is_exit_3),
		CASE(a_server_that_answers_pings_alone_is_told_as_one),
		CASE(nobody_there_is_exit_3),
		CASE(a_call_that_fails_ends_it),
		CASE(a_stream_that_is_refused_is_not_opened_once_more),
		CASE(nor_is_one_whose_procedure_is_not_done),
		CASE(what_the_server_says_of_the_end_is_told_with_its_place),
		CASE(that_a_server_is_looked_for_is_told_once),
		CASE(a_loop_that_fails_is_no_success),
		CASE(that_a_server_hangs_is_told_when_it_is_found),
	};

	user_main();
	return cmocka_run_group_tests_name(
	    "client_driver_lost", tests, NULL, NULL);
}
