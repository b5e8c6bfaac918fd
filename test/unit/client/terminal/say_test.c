/* What client/terminal/say writes on standard error. */
#include "client/terminal/say.h"

#include "test/lib/errors.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A name that moves a terminal, and says something of its own. */
#define WILD "x\nreverse: y\r\x1b[2J\xc2\x9b\xff"
#define TAME "x\\x0areverse: y\\x0d\\x1b[2J\\xc2\\x9b\\xff"

static struct errors errors;

static int
setup(void **state)
{
	(void)state;
	errors_begin(&errors);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	say_at(SAY_ERRORS);
	errors_end(&errors);
	return 0;
}

static void
assert_said(const char *expect)
{
	char text[16384];

	errors_read(&errors, text, sizeof(text));
	assert_string_equal(text, expect);
}

static void
a_message_is_one_line_whatever_is_in_it(void **state)
{
	(void)state;
	say_failure("UNKNOWN", "no %s here: %d", WILD, 7);
	assert_said("reverse: no " TAME " here: 7\n");
}

static void
so_are_a_step_and_a_trace(void **state)
{
	(void)state;
	say_at(SAY_STEPS);
	say_step("%s", WILD);
	say_trace(NULL, 0, "%s", WILD);
	assert_said("reverse: " TAME "\ntrace: " TAME "\n");
}

static void
characters_stay(void **state)
{
	(void)state;
	say_note("%s", "Gr\xc3\xbc\xc3\x9f\x65 \\");
	assert_said("reverse: Gr\xc3\xbc\xc3\x9f\x65 \\\n");
}

static void
a_message_of_several_lines_is_written_as_such(void **state)
{
	struct say_lines lines = { .len = 0 }, more = { .len = 0 };

	(void)state;
	say_line(&more, "  tried %s", WILD);
	say_line(&lines, "cannot %s", "reach");
	say_append(&lines, &more);
	say_line(&lines, "  check it");
	say_failure_lines("UNKNOWN", &lines);
	assert_said("reverse: cannot reach\n  tried " TAME "\n  check it\n");
}

static void
quiet_holds_back_all_but_traces(void **state)
{
	struct say_lines lines = { .len = 0 };

	(void)state;
	say_line(&lines, "one");
	say_at(SAY_NOTHING);
	say_failure_lines("UNKNOWN", &lines);
	say_failure("UNKNOWN", "two");
	say_note("two");
	say_step("three");
	say_trace(NULL, 0, "four");
	assert_said("trace: four\n");
}

/* Of lines that are added those that fit are, each as a whole. */
static void
no_part_of_a_line_is_added(void **state)
{
	static char filler[SAY_MAX - 10];
	struct say_lines lines = { .len = 0 }, more = { .len = 0 };
	size_t before;

	(void)state;
	memset(filler, 'x', sizeof(filler) - 1);
	say_line(&lines, "%s", filler);
	before = lines.len;
	assert_int_equal(before, SAY_MAX - 10);
	say_line(&more, "a");
	say_line(&more, "b");
	say_line(&more, "too long");
	say_append(&lines, &more);
	assert_int_equal(lines.len, before + 4);
	assert_memory_equal(lines.text + before, "a\nb\n", 4);
}

/* A line that does not fit is cut, and ends all the same. */
static void
what_does_not_fit_is_cut(void **state)
{
	static char wild[SAY_MAX];
	struct say_lines lines = { .len = 0 };

	(void)state;
	memset(wild, 0x1b, sizeof(wild) - 1);
	say_line(&lines, "%s", wild);
	assert_in_range(lines.len, SAY_MAX - 8, SAY_MAX - 1);
	assert_int_equal(lines.text[lines.len - 1], '\n');
	say_line(&lines, "x");
	say_append(&lines, &lines);
	assert_in_range(lines.len, SAY_MAX - 8, SAY_MAX);
	assert_int_equal(lines.text[lines.len - 1], '\n');
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void
a_trace_may_have_lines_below(void **state)
{
	static const char lines[] = "  one\n  \033[31mtwo\033[0m\n";

	(void)state;
	say_trace(lines, sizeof(lines) - 1, "%s", WILD);
	assert_said("trace: " TAME "\n  one\n  \033[31mtwo\033[0m\n");
}

/* Standard error is a new terminal until teardown. */
static void
become_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), terminal;

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(terminal >= 0);
	dup2(terminal, STDERR_FILENO);
	close(terminal);
}

static void
colours_are_for_terminals_and_who_wants_them(void **state)
{
	(void)state;
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	assert_false(say_has_colours());
	become_terminal();
	assert_true(say_has_colours());
	setenv("NO_COLOR", "", 1);
	assert_true(say_has_colours());
	setenv("NO_COLOR", "0", 1);
	assert_false(say_has_colours());
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	assert_false(say_has_colours());
	unsetenv("TERM");
	assert_false(say_has_colours());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_message_is_one_line_whatever_is_in_it),
		CASE(so_are_a_step_and_a_trace),
		CASE(a_trace_may_have_lines_below),
		CASE(colours_are_for_terminals_and_who_wants_them),
		CASE(characters_stay),
		CASE(a_message_of_several_lines_is_written_as_such),
		CASE(quiet_holds_back_all_but_traces),
		CASE(no_part_of_a_line_is_added),
		CASE(what_does_not_fit_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
