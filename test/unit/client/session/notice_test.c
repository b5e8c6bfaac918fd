/* What client/session tells a user at a terminal who waits, and when. */
#include "client/session/call.h"

#include "base/clock.h"
#include "test/lib/user.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* After this the user is told; and a time in which that is done. */
enum { NOTICE_MS = 500, TOLD_MS = NOTICE_MS + 300 };

/* A terminal in the place of standard error. */
static struct {
	int ours;
	int theirs;
	char text[4096];
} terminal;

static int
setup(void **state)
{
	struct user *u;

	user_setup(state);
	u = *state;
	u->settings.retry_ms = USER_PATIENCE_MS;
	assert_int_equal(u->session.notice_ms, 2000);
	u->session.notice_ms = NOTICE_MS;
	assert_int_equal(
	    openpty(&terminal.ours, &terminal.theirs, NULL, NULL, NULL), 0);
	assert_int_equal(fcntl(terminal.ours, F_SETFL, O_NONBLOCK), 0);
	return 0;
}

static int
teardown(void **state)
{
	close(terminal.ours);
	close(terminal.theirs);
	return user_teardown(state);
}

/* What was said on the terminal. */
static void
read_terminal(void)
{
	ssize_t n =
	    read(terminal.ours, terminal.text, sizeof(terminal.text) - 1);

	terminal.text[n > 0 ? n : 0] = '\0';
}

/* A PING with that deadline, and what the terminal has then. */
static int
ping(struct user *u, unsigned int ms)
{
	int r;

	u->settings.deadline_ms = ms;
	dup2(terminal.theirs, STDERR_FILENO);
	r = call_server(&u->session, &procedure_ping, NULL, NULL);
	dup2(u->kept, STDERR_FILENO);
	read_terminal();
	return r;
}

static unsigned int
count(const char *words)
{
	const char *found = terminal.text;
	unsigned int times = 0;

	for (; (found = strstr(found, words)) != NULL; found++)
		times++;
	return times;
}

static void
a_wait_for_an_answer_is_told_once(void **state)
{
	struct user *u = *state;
	char expect[256], where[ENDPOINT_TEXT_SIZE];

	user_play(u, play_silence);
	assert_int_equal(ping(u, TOLD_MS), EXIT_DEADLINE);
	snprintf(expect, sizeof(expect),
	    "reverse: waiting for an answer of %s\r\n",
	    endpoint_text(&u->script.at, where));
	assert_int_equal(strncmp(terminal.text, expect, strlen(expect)), 0);
	assert_int_equal(count("waiting for"), 1);
}

/* One attempt after the other, for longer than any takes. */
static void
a_server_that_is_lost_is_told_once(void **state)
{
	struct user *u = *state;

	user_play(u, play_hang_up);
	assert_int_equal(ping(u, TOLD_MS), EXIT_DEADLINE);
	assert_true(atomic_load(&u->script.accepted) > 3);
	assert_int_equal(count("waiting for") + count("looking for"), 1);
}

static void
a_search_is_told(void **state)
{
	struct user *u = *state;
	struct endpoint at = user_nowhere();

	u->session.met = true;
	user_knows(u, &at);
	assert_int_equal(ping(u, TOLD_MS), EXIT_DEADLINE);
	assert_int_equal(count("looking for a server at 127.0.0.1:"), 1);
}

static void
a_wait_that_was_short_is_not_told(void **state)
{
	struct user *u = *state;

	user_play(u, play_silence);
	assert_int_equal(ping(u, NOTICE_MS / 2), EXIT_DEADLINE);
	assert_int_equal(count("waiting for"), 0);
	/* Nor later, when nobody waits. */
	dup2(terminal.theirs, STDERR_FILENO);
	user_runs(u, NOTICE_MS);
	dup2(u->kept, STDERR_FILENO);
	assert_int_equal(
	    read(terminal.ours, terminal.text, sizeof(terminal.text)), -1);
}

static void
without_a_terminal_nobody_is_told(void **state)
{
	struct user *u = *state;

	user_play(u, play_silence);
	u->settings.deadline_ms = TOLD_MS;
	user_listens(u);
	assert_int_equal(call_server(&u->session, &procedure_ping, NULL, NULL),
	    EXIT_DEADLINE);
	user_has_heard(u);
	assert_string_equal(
	    u->text, "reverse: no answer within the deadline of 0.800 s\n");
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_wait_for_an_answer_is_told_once),
		CASE(a_server_that_is_lost_is_told_once),
		CASE(a_search_is_told),
		CASE(a_wait_that_was_short_is_not_told),
		CASE(without_a_terminal_nobody_is_told),
	};

	user_main();
	return cmocka_run_group_tests_name("client_notice", tests, NULL, NULL);
}
