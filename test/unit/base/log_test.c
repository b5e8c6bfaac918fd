/* Lines of the log, and a reader of it who is stuck or gone. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { TOO_LONG_S = 100 };

static int out;   /* where the log can be read */
static int saved; /* standard error as it was */

/* Standard error becomes a pipe.  A write that blocks ends the test. */
static int
setup(void **state)
{
	int fds[2];

	(void)state;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	out = fds[0];
	saved = dup(STDERR_FILENO);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	signal(SIGPIPE, SIG_IGN);
	alarm(TOO_LONG_S);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	alarm(0);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(out);
	return 0;
}

/* Reads all there is, and returns the number of lines. */
static unsigned int
read_lines(char *last, size_t size)
{
	static char bytes[1 << 20];
	unsigned int lines = 0;
	size_t len = 0;
	ssize_t n;

	while ((n = read(out, bytes + len, sizeof(bytes) - len)) > 0)
		len += (size_t)n;
	for (char *at = bytes, *end; at < bytes + len; at = end + 1) {
		end = memchr(at, '\n', len - (size_t)(at - bytes));
		assert_non_null(end);
		assert_true((size_t)(end - at) < size);
		memcpy(last, at, (size_t)(end - at));
		last[end - at] = '\0';
		lines++;
	}
	return lines;
}

/* By the clock that the log reads: time() is behind it for a moment. */
static time_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec;
}

/* Reads no more than that. */
static void
first_line(char *line, size_t size)
{
	size_t len = 0;

	while (len + 1 < size && read(out, line + len, 1) == 1 &&
	    line[len] != '\n')
		len++;
	line[len] = '\0';
}

static void
a_line_is_time_level_and_fact(void **state)
{
	struct log_limit limit = { 0 };
	char line[2048];

	(void)state;
	log_info("served name=%s", "x");
	assert_int_equal(read_lines(line, sizeof(line)), 1);
	assert_int_equal(strlen(line),
	    strlen("2026-01-01T00:00:00.000Z info served name=x"));
	assert_string_equal(line + 25, "info served name=x");
	log_debug_limited(&limit, 0, "not of this level");
	assert_int_equal(read_lines(line, sizeof(line)), 0);
}

/* The date of a line, as the C library reads it. */
static void
a_line_begins_with_the_date_in_utc(void **state)
{
	time_t before = now();
	struct tm tm = { .tm_isdst = 0 };
	char line[2048];
	const char *rest;
	time_t when;

	(void)state;
	setenv("TZ", "UTC-14", 1);
	log_info("served");
	unsetenv("TZ");
	assert_int_equal(read_lines(line, sizeof(line)), 1);
	rest = strptime(line, "%Y-%m-%dT%H:%M:%S", &tm);
	assert_non_null(rest);
	assert_int_equal(rest[0], '.');
	assert_string_equal(rest + 4, "Z info served");
	when = timegm(&tm);
	assert_true(when >= before && when <= now());
}

static void
a_line_of_a_handler_begins_with_the_seconds_since_1970(void **state)
{
	time_t before = now();
	char line[2048];
	long long when;
	char *rest;

	(void)state;
	log_error_in_handler("denied number=", 40967);
	assert_int_equal(read_lines(line, sizeof(line)), 1);
	assert_int_equal(line[0], '@');
	when = strtoll(line + 1, &rest, 10);
	assert_true(when >= before && when <= now());
	assert_int_equal(rest[0], '.');
	assert_int_equal(strspn(rest + 1, "0123456789"), 3);
	assert_string_equal(rest + 4, " error denied number=40967");
	log_error_in_handler("denied number=", 0);
	assert_int_equal(read_lines(line, sizeof(line)), 1);
	assert_non_null(strstr(line, " error denied number=0"));
}

static void
a_long_line_is_cut(void **state)
{
	static char text[5000];
	char line[2048];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	log_error("%s", text);
	assert_int_equal(read_lines(line, sizeof(line)), 1);
	/* Room for an escape is left, of which the newline takes a byte. */
	assert_int_equal(strlen(line), 1024 - 4);
}

/* Whatever a path or a name may hold: it ends no line, and moves no cursor. */
static void
a_line_holds_no_control_characters(void **state)
{
	static char newlines[5000];
	char line[2048];

	(void)state;
	log_info("path=%s", "a\nb \t\x1b[2J\x7f\xc3\xa9");
	assert_int_equal(read_lines(line, sizeof(line)), 1);
	assert_string_equal(
	    line + 25, "info path=a\\x0ab \\x09\\x1b[2J\\x7f\xc3\xa9");
	log_info("path=%s", "\xc2\x9b\xff\xe2\x80\xa8\xe2\x80\xae");
	assert_int_equal(read_lines(line, sizeof(line)), 1);
	assert_string_equal(line + 25,
	    "info path=\\xc2\\x9b\\xff\\xe2\\x80\\xa8\\xe2\\x80\\xae");
	memset(newlines, '\n', sizeof(newlines) - 1);
	log_info("%s", newlines);
	assert_int_equal(read_lines(line, sizeof(line)), 1);
}

static void
a_reader_who_is_stuck_stops_nobody(void **state)
{
	enum { LINES = 5000 };
	char line[2048];
	char wanted[64];
	unsigned int got;

	(void)state;
	for (int i = 0; i < LINES; i++)
		log_error("a line that may have to wait number=%d", i);
	got = read_lines(line, sizeof(line));
	assert_in_range(got, 100, LINES - 1);
	log_error("the next");
	assert_int_equal(read_lines(line, sizeof(line)), 2);
	assert_non_null(strstr(line, "error the next"));
	log_error("one more");
	assert_int_equal(read_lines(line, sizeof(line)), 1);

	for (int i = 0; i < LINES; i++)
		log_error("a line that may have to wait number=%d", i);
	got = read_lines(line, sizeof(line));
	log_error("%s", "");
	snprintf(
	    wanted, sizeof(wanted), "log lines lost count=%u", LINES - got);
	assert_true(read(out, line, sizeof(line)) > 0);
	assert_non_null(strstr(line, wanted));
}

static void
a_reader_who_is_gone_stops_nobody(void **state)
{
	(void)state;
	close(out);
	for (int i = 0; i < 10; i++)
		log_error("nobody reads this");
	out = -1;
}

static void
errno_is_left_alone(void **state)
{
	(void)state;
	errno = ENOTTY;
	log_error("a line");
	assert_int_equal(errno, ENOTTY);
	log_error_in_handler("a line number=", 1);
	assert_int_equal(errno, ENOTTY);
	close(out);
	out = -1;
	log_error("a line that nobody reads");
	assert_int_equal(errno, ENOTTY);
	log_lines("  a line\n", 9);
	assert_int_equal(errno, ENOTTY);
	log_error_in_handler("a line that nobody reads number=", 1);
	assert_int_equal(errno, ENOTTY);
}

enum { HELD_BACK = 90 };

/* More lines than one second may have. */
static void
flood(struct log_limit *limit, uint64_t now_ms)
{
	for (int i = 0; i < LOG_LIMIT_LINES + HELD_BACK; i++)
		log_info_limited(limit, now_ms, "a peer number=%d", i);
}

static void
a_second_has_as_many_limited_lines_as_the_limit_says(void **state)
{
	struct log_limit limit = { 0 };
	char line[2048];

	(void)state;
	flood(&limit, 5000);
	flood(&limit, 5999);
	assert_int_equal(read_lines(line, sizeof(line)), LOG_LIMIT_LINES);
	assert_string_equal(line + 25, "info a peer number=9");
}

static void
what_was_held_back_is_told_before_the_next_line(void **state)
{
	struct log_limit limit = { 0 };
	char line[2048];

	(void)state;
	flood(&limit, 5000);
	read_lines(line, sizeof(line));
	log_info_limited(&limit, 6000, "the next");
	first_line(line, sizeof(line));
	assert_string_equal(line + 25, "info log lines suppressed count=90");
	assert_int_equal(read_lines(line, sizeof(line)), 1);
	assert_string_equal(line + 25, "info the next");
	assert_int_equal(limit.suppressed, 0);
	log_info_limited(&limit, 7000, "one more");
	assert_int_equal(read_lines(line, sizeof(line)), 1);
}

static void
what_was_held_back_is_told_in_the_end(void **state)
{
	struct log_limit limit = { 0 };
	char line[2048];

	(void)state;
	flood(&limit, 5000);
	read_lines(line, sizeof(line));
	log_limit_tell(&limit);
	assert_int_equal(read_lines(line, sizeof(line)), 1);
	assert_string_equal(line + 25, "info log lines suppressed count=90");
	log_limit_tell(&limit);
	assert_int_equal(read_lines(line, sizeof(line)), 0);
}

/* Of warnings even where no other lines are wanted. */
static void
held_back_lines_are_told_at_their_own_level(void **state)
{
	struct log_limit limit = { 0 };
	char line[2048];

	(void)state;
	log_set_level(LOG_LEVEL_WARN);
	flood(&limit, 5000);
	log_limit_tell(&limit);
	assert_int_equal(read_lines(line, sizeof(line)), 0);
	for (int i = 0; i < LOG_LIMIT_LINES + HELD_BACK; i++)
		log_warn_limited(&limit, 5000, "a disk number=%d", i);
	assert_int_equal(read_lines(line, sizeof(line)), LOG_LIMIT_LINES);
	log_warn_limited(&limit, 6000, "the next");
	first_line(line, sizeof(line));
	assert_string_equal(line + 25, "warn log lines suppressed count=90");
	assert_int_equal(read_lines(line, sizeof(line)), 1);
	log_set_level(LOG_LEVEL_INFO);
}

static void
bytes_from_the_wire_are_one_word(void **state)
{
	char text[16];

	(void)state;
	assert_string_equal(
	    log_escape(text, sizeof(text), "a b\n", 4), "a\\x20b\\x0a");
	assert_string_equal(
	    log_escape(text, sizeof(text), "\\\0\xff", 3), "\\x5c\\x00\\xff");
	assert_string_equal(log_escape(text, 6, "abcdefgh", 8), "ab");
}

static void
lines_that_are_printable_are_logged_as_they_are(void **state)
{
	static const char lines[] = "   one\n   two\n";
	char all[256] = "";

	(void)state;
	log_info("head");
	log_lines(lines, sizeof(lines) - 1);
	assert_true(read(out, all, sizeof(all) - 1) > 0);
	assert_non_null(strstr(all, " head\n"));
	assert_string_equal(strstr(all, " head\n") + 6, lines);
	log_set_level(LOG_LEVEL_WARN);
	log_lines(lines, sizeof(lines) - 1);
	log_set_level(LOG_LEVEL_INFO);
	assert_true(read(out, all, sizeof(all)) < 0);
}

/* More than a pipe holds: some are lost, and none is cut. */
static void
lines_do_not_wait_for_their_reader(void **state)
{
	enum { LINES = 20000 };
	char *lines = malloc(LINES * 10 + 1), last[LOG_PIECE];
	unsigned int count;

	(void)state;
	assert_non_null(lines);
	for (int i = 0; i < LINES; i++)
		memcpy(lines + (size_t)i * 10, "123456789\n", 10);
	log_lines(lines, LINES * 10);
	count = read_lines(last, sizeof(last));
	assert_true(count > 0 && count < LINES);
	assert_string_equal(last, "123456789");
	log_info("next");
	assert_int_equal(read_lines(last, sizeof(last)), 2);
	free(lines);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_time_level_and_fact),
		TEST(a_line_begins_with_the_date_in_utc),
		TEST(a_line_of_a_handler_begins_with_the_seconds_since_1970),
		TEST(a_long_line_is_cut),
		TEST(a_line_holds_no_control_characters),
		TEST(a_second_has_as_many_limited_lines_as_the_limit_says),
		TEST(what_was_held_back_is_told_before_the_next_line),
		TEST(what_was_held_back_is_told_in_the_end),
		TEST(held_back_lines_are_told_at_their_own_level),
		TEST(a_reader_who_is_stuck_stops_nobody),
		TEST(a_reader_who_is_gone_stops_nobody),
		TEST(lines_that_are_printable_are_logged_as_they_are),
		TEST(lines_do_not_wait_for_their_reader),
		TEST(errno_is_left_alone),
		TEST(bytes_from_the_wire_are_one_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
