/* What client/driver/progress tells of how far something is, and when. */
#include "client/driver/progress.h"

#include "test/lib/user.h"

#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MB UINT64_C(1000000)

enum { WIDE = 80 };

/* Since 1 s it has come that far in 2 s. */
static void
begin(struct progress *p, uint64_t sent, uint64_t received, uint64_t total)
{
	*p = (struct progress){ .total = total, .marked = 1 };
	p->marks[0].ms = 1000;
	p->now.ms = 3000;
	progress_moved(p, sent, received);
}

static void
assert_text(struct progress *p, unsigned int columns, const char *expect)
{
	char text[SAY_PROGRESS_MAX];

	assert_string_equal(progress_text(p, columns, text), expect);
}

static void
assert_sent(uint64_t sent, const char *expect)
{
	struct progress p;
	char text[SAY_PROGRESS_MAX];

	begin(&p, sent, 0, PROGRESS_UNKNOWN);
	progress_text(&p, (unsigned int)strlen(expect) + 1, text);
	assert_string_equal(text, expect);
}

static void
bytes_have_a_unit_and_one_decimal(void **state)
{
	(void)state;
	assert_sent(0, "sent 0 B");
	assert_sent(999, "sent 999 B");
	assert_sent(1000, "sent 1.0 kB");
	assert_sent(999999, "sent 999.9 kB");
	assert_sent(12345678, "sent 12.3 MB");
	assert_sent(UINT64_C(2000000000), "sent 2.0 GB");
	assert_sent(UINT64_MAX, "sent 18.4 EB");
}

static void
the_time_left_is_for_there_and_back(void **state)
{
	struct progress p;

	(void)state;
	begin(&p, 10 * MB, 0, 40 * MB);
	assert_text(&p, WIDE, "sent 10.0 MB of 40.0 MB, 5.0 MB/s, 0:06 left");
	begin(&p, 10 * MB, 0, 40 * MB);
	p.echoes = true;
	assert_text(&p, WIDE, "sent 10.0 MB of 40.0 MB, 5.0 MB/s, 0:14 left");
	begin(&p, 10 * MB, 10 * MB, 40 * MB);
	p.echoes = true;
	assert_text(&p, WIDE,
	    "sent 10.0 MB of 40.0 MB, received 10.0 MB, 5.0 MB/s, 0:06 left");
	begin(&p, MB, 0, 36 * 200 * MB + MB);
	assert_text(
	    &p, WIDE, "sent 1.0 MB of 7.2 GB, 500.0 kB/s, 4:00:00 left");
}

static void
what_is_not_known_is_left_out(void **state)
{
	struct progress p;

	(void)state;
	begin(&p, 10 * MB, 2 * MB, PROGRESS_UNKNOWN);
	assert_text(&p, WIDE, "sent 10.0 MB, received 2.0 MB, 5.0 MB/s");
	begin(&p, 0, 0, 40 * MB);
	assert_text(&p, WIDE, "sent 0 B of 40.0 MB, 0 B/s");
	begin(&p, 0, 0, 40 * MB);
	p.marks[0].ms = p.now.ms;
	assert_text(&p, WIDE, "sent 0 B of 40.0 MB");
}

static void
a_file_that_grew_has_no_time_left(void **state)
{
	struct progress p;

	(void)state;
	begin(&p, 10 * MB, 0, 5 * MB);
	assert_text(&p, WIDE, "sent 10.0 MB of 5.0 MB, 5.0 MB/s, 0:00 left");
}

static void
what_a_narrow_line_has_no_room_for_is_left_out(void **state)
{
	static const char all[] =
	    "sent 1.0 MB of 4.0 MB, received 1.0 MB, 500.0 kB/s, 0:06 left";
	struct progress p;
	char text[SAY_PROGRESS_MAX];

	(void)state;
	for (unsigned int columns = 1; columns < WIDE; columns++) {
		begin(&p, MB, MB, 4 * MB);
		progress_text(&p, columns, text);
		assert_true(strlen(text) < columns);
		if (columns >= sizeof(all))
			assert_string_equal(text, all);
	}
	begin(&p, MB, MB, 4 * MB);
	assert_text(&p, 37, "sent 1.0 MB of 4.0 MB, 500.0 kB/s");
}

/* Five seconds later what was before does not count. */
static void
the_rate_is_the_latest(void **state)
{
	struct progress p;
	char text[SAY_PROGRESS_MAX];

	(void)state;
	begin(&p, 100 * MB, 0, PROGRESS_UNKNOWN);
	for (int i = 0; i < PROGRESS_MARKS; i++, p.now.ms += 200)
		progress_text(&p, WIDE, text);
	assert_text(&p, WIDE, "sent 100.0 MB, 0 B/s");
	progress_moved(&p, 105 * MB, 0);
	assert_text(&p, WIDE, "sent 105.0 MB, 1.0 MB/s");
}

static void
what_is_sent_once_more_is_no_progress(void **state)
{
	struct progress p;

	(void)state;
	begin(&p, 10 * MB, 4 * MB, PROGRESS_UNKNOWN);
	progress_moved(&p, MB, 2 * MB);
	assert_text(&p, WIDE, "sent 10.0 MB, received 4.0 MB, 5.0 MB/s");
}

/* Lines that a terminal in the place of standard error has in a second. */
static unsigned int
lines_in_a_second(struct user *u)
{
	char text[4096] = "", file[] = "/proc/self/exe", *names[] = { file };
	unsigned int lines = 0;
	int ours, theirs;
	struct progress p;
	struct files files;

	files_init(&files, 1, names);
	assert_int_equal(openpty(&ours, &theirs, NULL, NULL, NULL), 0);
	dup2(theirs, STDERR_FILENO);
	assert_int_equal(progress_init(&p, &u->session, &files, true), 0);
	user_runs(u, 1000);
	progress_deinit(&p);
	assert_int_equal(write(theirs, "\n", 1), 1);
	assert_true(read(ours, text, sizeof(text) - 1) > 0);
	dup2(u->kept, STDERR_FILENO);
	close(ours);
	close(theirs);
	for (const char *at = text; (at = strstr(at, "sent 0 B of ")); at++)
		lines++;
	return lines;
}

static void
a_user_at_a_terminal_is_told(void **state)
{
	unsigned int lines = lines_in_a_second(*state);

	assert_in_range(lines, 1, 10);
}

static void
who_does_not_want_it_is_not(void **state)
{
	struct user *u = *state;

	u->settings.progress = false;
	assert_int_equal(lines_in_a_second(u), 0);
	u->settings.progress = true;
	say_at(SAY_NOTHING);
	assert_int_equal(lines_in_a_second(u), 0);
	say_at(SAY_ERRORS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_have_a_unit_and_one_decimal),
		cmocka_unit_test(the_time_left_is_for_there_and_back),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(a_file_that_grew_has_no_time_left),
		cmocka_unit_test(
		    what_a_narrow_line_has_no_room_for_is_left_out),
		cmocka_unit_test(the_rate_is_the_latest),
		cmocka_unit_test(what_is_sent_once_more_is_no_progress),
		cmocka_unit_test_setup_teardown(
		    a_user_at_a_terminal_is_told, user_setup, user_teardown),
		cmocka_unit_test_setup_teardown(
		    who_does_not_want_it_is_not, user_setup, user_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
