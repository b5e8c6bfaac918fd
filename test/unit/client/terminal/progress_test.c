/* How far something is, among what else is written: client/terminal/say and
 * client/terminal/output. */
#include "client/terminal/say.h"

#include "client/exit_code.h"
#include "test/lib/ends.h"
#include "test/lib/errors.h"

#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct errors errors;

static int
setup(void **state)
{
	ends_setup(state);
	say_at(SAY_ERRORS);
	errors_begin(&errors);
	return 0;
}

static int
teardown(void **state)
{
	say_end_progress();
	errors_end(&errors);
	return ends_teardown(state);
}

static void
assert_said(const char *expect)
{
	char text[1024];

	errors_read(&errors, text, sizeof(text));
	assert_string_equal(text, expect);
	errors_go_on(&errors);
}

static void
a_line_takes_the_place_of_the_last_one(void **state)
{
	(void)state;
	assert_true(say_progress("longer"));
	assert_true(say_progress("short"));
	assert_true(say_progress("longest"));
	assert_said("\rlonger\rshort \rlongest");
}

static void
it_goes_without_a_trace(void **state)
{
	(void)state;
	say_end_progress();
	assert_said("");
	say_progress("abc");
	say_end_progress();
	say_end_progress();
	assert_said("\rabc\r   \r");
}

static void
any_message_takes_its_place(void **state)
{
	(void)state;
	say_progress("abc");
	say_note("one");
	say_progress("d");
	say_trace(NULL, 0, "two");
	say_failure("UNKNOWN", "three");
	assert_said("\rabc\r   \rreverse: one\n\rd\r \rtrace: two\n"
		    "reverse: three\n");
}

static void
a_terminal_tells_its_columns(void **state)
{
	struct winsize size = { .ws_col = 33 };
	int ours, theirs;

	(void)state;
	assert_int_equal(say_columns(), 80);
	assert_false(say_shows_progress());
	assert_int_equal(openpty(&ours, &theirs, NULL, NULL, &size), 0);
	dup2(theirs, STDERR_FILENO);
	assert_int_equal(say_columns(), 33);
	assert_true(say_shows_progress());
	say_at(SAY_NOTHING);
	assert_false(say_shows_progress());
	say_at(SAY_ERRORS);
	size.ws_col = 0;
	assert_int_equal(ioctl(ours, TIOCSWINSZ, &size), 0);
	assert_int_equal(say_columns(), 80);
	close(ours);
	close(theirs);
}

/* In a session of its own, of which the terminal is. */
static void
show_in_the_background(int theirs)
{
	signal(SIGHUP, SIG_IGN);
	if (setsid() < 0 || ioctl(theirs, TIOCSCTTY, 0) != 0)
		_exit(1);
	dup2(theirs, STDERR_FILENO);
	say_progress("one");
	/* Another job has it: a group of processes that waits for nothing. */
	pid_t other = fork();
	if (other == 0) {
		pause();
		_exit(0);
	}
	if (setpgid(other, other) != 0 || tcsetpgrp(theirs, other) != 0)
		_exit(2);
	say_progress("two");
	say_end_progress();
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	_exit(0);
}

static void
another_job_is_not_written_into(void **state)
{
	char text[64] = "";
	int ours, theirs, status;
	pid_t child;

	(void)state;
	assert_int_equal(openpty(&ours, &theirs, NULL, NULL, NULL), 0);
	child = fork();
	if (child == 0)
		show_in_the_background(theirs);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(read(ours, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "\rone");
	close(ours);
	close(theirs);
}

/* Whether it is shown once something was put out. */
static bool
goes_on(void)
{
	ends_feed(10);
	assert_true(say_progress("abc"));
	output_write(&output);
	assert_int_equal(output_finish(&output, false), EXIT_DONE);
	return say_progress("d");
}

static void
it_goes_on_beside_a_file_or_a_socket(void **state)
{
	(void)state;
	ends_file(0);
	assert_true(goes_on());
	ends_leave(0);
	ends_leave(1);
	ends_sockets(SOCK_STREAM);
	assert_true(goes_on());
}

/* For good, so this is the last test. */
static void
output_that_may_come_in_between_ends_it(void **state)
{
	(void)state;
	ends_pipe(0);
	output_write(&output);
	assert_true(say_progress("nothing was put out"));
	assert_false(goes_on());
	assert_false(say_shows_progress());
	assert_said("\rnothing was put out\rabc                \r   \r");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_line_takes_the_place_of_the_last_one),
		CASE(it_goes_without_a_trace),
		CASE(any_message_takes_its_place),
		CASE(a_terminal_tells_its_columns),
		CASE(another_job_is_not_written_into),
		CASE(it_goes_on_beside_a_file_or_a_socket),
		CASE(output_that_may_come_in_between_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
