/* What client/driver/lines promises: lines as messages, and of what is too
 * long as a message its content. */
#include "client/driver/lines.h"
#include "client/driver/long_line.h"

#include "stream/client/stream.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	LINE_MAX_BYTES = 8, /* of the tests */
	MEBIBYTE = 1024 * 1024,
};

static struct fixture {
	int fds[2];
	char paths[2][32];
	char *names[2];
	struct lines lines;
} f;

static int
setup(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	f.fds[0] = f.fds[1] = -1;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	lines_deinit(&f.lines);
	for (int i = 0; i < 2; i++)
		if (f.fds[i] >= 0)
			close(f.fds[i]);
	return 0;
}

static void
name(int number, int fd)
{
	snprintf(
	    f.paths[number], sizeof(f.paths[number]), "/proc/self/fd/%d", fd);
	f.names[number] = f.paths[number];
}

/* A file with this content is the first or the second. */
static void
is_in_file(int number, const char *text, size_t len)
{
	f.fds[number] = memfd_create("text", MFD_CLOEXEC);
	assert_true(f.fds[number] >= 0);
	assert_int_equal(write(f.fds[number], text, len), len);
	name(number, f.fds[number]);
}

/* A pipe, opened by its lines: its other end. */
static int
begin_pipe(void)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	f.fds[0] = ends[0];
	name(0, ends[0]);
	assert_int_equal(
	    lines_init(&f.lines, 1, f.names, LINE_MAX_BYTES, false), 0);
	assert_int_equal(lines_refill(&f.lines, 0), 0);
	return ends[1];
}

static void
begin(int files, size_t max)
{
	assert_int_equal(lines_init(&f.lines, files, f.names, max, false), 0);
	assert_int_equal(lines_refill(&f.lines, 0), 0);
}

static void
comes(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(lines_refill(&f.lines, 0), 0);
}

static void
assert_line(uint64_t number, const char *text)
{
	message line;

	assert_int_equal(lines_get(&f.lines, number, &line), 0);
	assert_int_equal(line.message_len, strlen(text));
	assert_memory_equal(line.message_val, text, line.message_len);
}

static void
assert_place(uint64_t number, int file, uint64_t in_file)
{
	uint64_t there;

	assert_string_equal(
	    lines_place(&f.lines, number, &there), f.names[file]);
	assert_int_equal(there, in_file);
}

static size_t
end_of(const char *text)
{
	const message line = { (u_int)strlen(text), (char *)text };

	return lines_end_len(&line);
}

static void
a_line_ends_with_lf_or_cr_lf(void **state)
{
	(void)state;
	assert_int_equal(end_of("a\n"), 1);
	assert_int_equal(end_of("\n"), 1);
	assert_int_equal(end_of("a\r\n"), 2);
	assert_int_equal(end_of("\r\n"), 2);
	assert_int_equal(end_of("a\r"), 0);
	assert_int_equal(end_of("a"), 0);
	assert_int_equal(end_of(""), 0);
}

static void
each_line_is_in_its_file(void **state)
{
	(void)state;
	is_in_file(0, "a\nb", 3);
	is_in_file(1, "c\nd\n", 4);
	begin(2, LINE_MAX_BYTES);
	assert_int_equal(f.lines.end, LINES_DONE);
	assert_line(1, "b");
	assert_line(2, "c\n");
	assert_place(0, 0, 1);
	assert_place(1, 0, 2);
	assert_place(2, 1, 1);
	assert_place(3, 1, 2);
}

static void
some_lines_are_had_at_once(void **state)
{
	message some[4] = { 0 };
	u_int count = 2;

	(void)state;
	is_in_file(0, "a\nb\r\n\nc", 7);
	begin(1, LINE_MAX_BYTES);
	lines_release(&f.lines, 1);
	assert_int_equal(lines_get_some(&f.lines, 1, some, &count), 0);
	assert_int_equal(count, 2);
	assert_null(some[2].message_val);
	count = 4;
	assert_int_equal(lines_get_some(&f.lines, 1, some, &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(some[0].message_len, 3);
	assert_memory_equal(some[0].message_val, "b\r\n\nc", 5);
	assert_int_equal(some[1].message_len, 1);
	assert_ptr_equal(some[1].message_val, some[0].message_val + 3);
	assert_int_equal(some[2].message_len, 1);
	assert_ptr_equal(some[2].message_val, some[0].message_val + 4);
	assert_int_equal(
	    lines_get_some(&f.lines, 4, some, &count), CLIENT_SOURCE_END);
	assert_int_equal(
	    lines_get_some(&f.lines, 0, some, &count), CLIENT_SOURCE_GONE);
}

static void
what_has_no_end_yet_is_waited_for(void **state)
{
	message line;
	int pipe_end;

	(void)state;
	pipe_end = begin_pipe();
	comes(pipe_end, "abc");
	assert_int_equal(lines_get(&f.lines, 0, &line), CLIENT_SOURCE_WAIT);
	comes(pipe_end, "d\n");
	assert_line(0, "abcd\n");
	assert_int_equal(lines_get(&f.lines, 1, &line), CLIENT_SOURCE_WAIT);
	comes(pipe_end, "e");
	close(pipe_end);
	assert_int_equal(lines_refill(&f.lines, 0), 0);
	assert_line(1, "e");
	assert_int_equal(lines_get(&f.lines, 2, &line), CLIENT_SOURCE_END);
}

static void
the_end_of_a_line_does_not_make_it_too_long(void **state)
{
	int pipe_end;

	(void)state;
	pipe_end = begin_pipe();
	comes(pipe_end, "12345678\r");
	assert_int_equal(f.lines.end, LINES_MORE);
	comes(pipe_end, "\n12345678\n");
	assert_line(0, "12345678\r\n");
	assert_line(1, "12345678\n");
	assert_int_equal(f.lines.end, LINES_MORE);
	comes(pipe_end, "123456789\n");
	assert_int_equal(f.lines.end, LINES_LONG);
	assert_int_equal(lines_next(&f.lines), 2);
	close(pipe_end);
}

static void
what_is_read_ahead_is_bounded(void **state)
{
	char *text = malloc(8 * MEBIBYTE);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < 8 * MEBIBYTE; i++)
		text[i] = i % 16 == 15 ? '\n' : 'x';
	is_in_file(0, text, 8 * MEBIBYTE);
	free(text);
	begin(1, MEBIBYTE);
	assert_true(lines_next(&f.lines) >= SEGMENT_MAX);
	assert_in_range(f.lines.read, 1, 2 * MEBIBYTE);
}

/* The rest of the long line, read to its end. */
static void
assert_long(const char *text)
{
	size_t done = 0, len;
	char bytes[64];
	int r;

	while ((r = long_line_read(&f.lines, bytes + done, 7, &len)) == 0) {
		done += len;
		assert_in_range(done, 1, sizeof(bytes) - 7);
	}
	assert_int_equal(r, FILES_END);
	assert_int_equal(done, strlen(text));
	assert_memory_equal(bytes, text, done);
}

static void
assert_long_end(const char *text)
{
	message end;

	long_line_end(&f.lines, &end);
	assert_int_equal(end.message_len, strlen(text));
	assert_memory_equal(end.message_val, text, end.message_len);
}

static void
a_long_line_is_read_without_its_end_and_again(void **state)
{
	(void)state;
	is_in_file(0, "a\n", 2);
	is_in_file(1, "b\n0123456789abcdefghij\r\nc\n", 26);
	begin(2, LINE_MAX_BYTES);
	assert_int_equal(f.lines.end, LINES_LONG);
	assert_int_equal(lines_next(&f.lines), 2);
	lines_release(&f.lines, 2);
	assert_long("0123456789abcdefghij");
	assert_int_equal(long_line_seek(&f.lines, 0), 0);
	assert_long("0123456789abcdefghij");
	assert_int_equal(long_line_seek(&f.lines, 15), 0);
	assert_long("fghij");
	assert_long_end("\r\n");
	assert_int_equal(lines_refill(&f.lines, 3), 0);
	assert_line(3, "c\n");
	assert_place(3, 1, 3);
}

static void
a_long_line_may_end_with_its_file(void **state)
{
	(void)state;
	is_in_file(0, "0123456789\r", 11);
	begin(1, LINE_MAX_BYTES);
	assert_int_equal(f.lines.end, LINES_LONG);
	assert_long("0123456789\r");
	assert_int_equal(long_line_seek(&f.lines, 0), 0);
	assert_long("0123456789\r");
	assert_long_end("");
	assert_int_equal(lines_refill(&f.lines, 1), 0);
	assert_int_equal(f.lines.end, LINES_DONE);
}

/* As it comes, up to its end. */
static void
the_rest_of_a_long_line_can_be_dropped(void **state)
{
	message line;
	char some[4];
	size_t len;
	int pipe_end;

	(void)state;
	pipe_end = begin_pipe();
	comes(pipe_end, "0123456789");
	assert_int_equal(f.lines.end, LINES_LONG);
	assert_int_equal(long_line_read(&f.lines, some, sizeof(some), &len), 0);
	long_line_drop(&f.lines);
	assert_int_equal(lines_refill(&f.lines, 1), 0);
	comes(pipe_end, "rest");
	assert_int_equal(lines_get(&f.lines, 1, &line), CLIENT_SOURCE_WAIT);
	comes(pipe_end, "\r\nab\n");
	assert_line(1, "ab\n");
	assert_place(1, 0, 2);
	close(pipe_end);
}

static void
its_file_ends_what_is_dropped(void **state)
{
	(void)state;
	is_in_file(0, "0123456789", 10);
	is_in_file(1, "cd\n", 3);
	begin(2, LINE_MAX_BYTES);
	long_line_drop(&f.lines);
	assert_int_equal(lines_refill(&f.lines, 1), 0);
	assert_line(1, "cd\n");
	assert_place(1, 1, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* A server takes all there is, and answers nothing. */
static void
take_all(uint64_t *taken)
{
	do {
		*taken = lines_next(&f.lines);
		assert_int_equal(lines_refill(&f.lines, *taken), 0);
	} while (lines_next(&f.lines) > *taken);
}

/* Not more than twice as many bytes, or lines, as are held. */
static void
no_more_is_read_than_is_released(size_t len, uint64_t most)
{
	size_t size = (size_t)16 * MEBIBYTE;
	char *text = malloc(size);
	uint64_t taken;

	assert_non_null(text);
	memset(text, 'x', size);
	for (size_t i = len - 1; i < size; i += len)
		text[i] = '\n';
	is_in_file(0, text, size);
	free(text);
	begin(1, MEBIBYTE);
	take_all(&taken);
	assert_in_range(taken, most / 2, 2 * most);
	assert_int_equal(lines_descriptor(&f.lines, taken), -1);
	lines_release(&f.lines, taken);
	assert_int_not_equal(lines_descriptor(&f.lines, taken), -1);
	for (uint64_t all = size / len; taken < all;) {
		take_all(&taken);
		lines_release(&f.lines, taken);
	}
	assert_int_equal(lines_refill(&f.lines, taken), 0);
	assert_int_equal(f.lines.end, LINES_DONE);
}

static void
bytes_that_are_not_released_are_bounded(void **state)
{
	(void)state;
	no_more_is_read_than_is_released(1024, 4 * 1024);
}

static void
lines_that_are_not_released_are_bounded(void **state)
{
	(void)state;
	no_more_is_read_than_is_released(1, 256 * 1024);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_line_ends_with_lf_or_cr_lf),
		CASE(each_line_is_in_its_file),
		CASE(some_lines_are_had_at_once),
		CASE(what_has_no_end_yet_is_waited_for),
		CASE(the_end_of_a_line_does_not_make_it_too_long),
		CASE(what_is_read_ahead_is_bounded),
		CASE(bytes_that_are_not_released_are_bounded),
		CASE(lines_that_are_not_released_are_bounded),
		CASE(a_long_line_is_read_without_its_end_and_again),
		CASE(a_long_line_may_end_with_its_file),
		CASE(the_rest_of_a_long_line_can_be_dropped),
		CASE(its_file_ends_what_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
