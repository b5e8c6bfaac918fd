/* What client/terminal/output promises: all bytes, in order, to each kind of
 * descriptor, and no wait. */
#include "client/exit_code.h"
#include "test/lib/ends.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* More than any descriptor takes at once. */
#define MUCH ((size_t)1500 * 1000)

/* Everything arrives, and the descriptor's flags stay as they were. */
static void
assert_goes_through(size_t total)
{
	int flags = fcntl(ends[1], F_GETFL);
	size_t got = 0;

	ends_feed(total);
	while (output_pending(&output)) {
		output_write(&output);
		got = ends_check(got);
	}
	assert_int_equal(fcntl(ends[1], F_GETFL), flags);
	assert_int_equal(output_finish(&output, false), EXIT_DONE);
	assert_int_equal(ends_check(got), total);
}

static void
all_goes_through_a_pipe(void **state)
{
	(void)state;
	ends_pipe(0);
	assert_goes_through(MUCH);
}

/* One that is wide enough stays as it is. */
static void
a_pipe_takes_a_block_at_once(void **state)
{
	(void)state;
	ends_pipe(0);
	assert_true(fcntl(ends[1], F_GETPIPE_SZ) >= (int)OUTPUT_BLOCK);
	assert_int_equal(output_finish(&output, false), EXIT_DONE);
	assert_int_equal(
	    fcntl(ends[1], F_SETPIPE_SZ, 2 * OUTPUT_BLOCK), 2 * OUTPUT_BLOCK);
	assert_int_equal(output_init(&output, ends[1]), 0);
	assert_int_equal(fcntl(ends[1], F_GETPIPE_SZ), 2 * OUTPUT_BLOCK);
	assert_int_equal(output_finish(&output, false), EXIT_DONE);
}

static void
all_goes_through_a_pipe_that_does_not_wait(void **state)
{
	(void)state;
	ends_pipe(O_NONBLOCK);
	assert_goes_through(MUCH);
}

static void
all_goes_through_a_pipe_that_cannot_be_opened_again(void **state)
{
	(void)state;
	ends_asked_pipe();
	assert_goes_through(MUCH);
}

static void
room_that_is_not_needed_is_not_written(void **state)
{
	char *room, shown[6];

	(void)state;
	ends_pipe(0);
	output_bytes(&output, "ab", 2);
	room = output_room(&output, MUCH);
	assert_non_null(room);
	memcpy(room, "cd", 2);
	output_unused(&output, MUCH - 2);
	output_bytes(&output, "e\n", 2);
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
	assert_int_equal(read(ends[0], shown, sizeof(shown)), sizeof(shown));
	assert_memory_equal(shown, "abcde\n", sizeof(shown));
	assert_null(output_room(&output, 0));
}

static void
all_goes_through_a_socket(void **state)
{
	(void)state;
	ends_sockets(SOCK_STREAM);
	assert_goes_through(MUCH);
}

/* Which takes no long datagrams. */
static void
all_goes_through_a_socket_of_datagrams(void **state)
{
	(void)state;
	ends_sockets(SOCK_DGRAM);
	assert_goes_through((size_t)1000 * 1000);
}

static void
all_goes_into_a_file_at_once(void **state)
{
	(void)state;
	ends_file(0);
	assert_int_equal(output_descriptor(&output), -1);
	ends_feed(MUCH);
	output_write(&output);
	assert_false(output_pending(&output));
	assert_int_equal(ends_check(0), MUCH);
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
}

/* What a terminal shows may come in pieces. */
static void
read_shown(char *bytes, size_t len)
{
	struct pollfd poll_fd = { .fd = ends[0], .events = POLLIN };
	ssize_t n;

	for (size_t have = 0; have < len; have += (size_t)n) {
		assert_int_equal(poll(&poll_fd, 1, ENDS_TOO_LONG * 1000), 1);
		n = read(ends[0], bytes + have, len - have);
		assert_true(n > 0);
	}
}

static void
all_goes_to_a_terminal_as_it_comes(void **state)
{
	char bytes[8];
	int flags;

	(void)state;
	ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ends[0] < 0 || unlockpt(ends[0]) != 0)
		skip();
	ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(ends[1] >= 0);
	flags = fcntl(ends[1], F_GETFL);
	assert_int_equal(output_init(&output, ends[1]), 0);
	assert_true(output_is_terminal(&output));
	output_line(&output, "text", 4);
	assert_true(output_is_due(&output, true));
	output_write(&output);
	assert_false(output_pending(&output));
	read_shown(bytes, 6);
	assert_memory_equal(bytes, "text\r\n", 6);
	/* One that nobody reads from is not waited for either. */
	ends_feed(MUCH);
	output_write(&output);
	assert_true(output_pending(&output));
	assert_int_equal(fcntl(ends[1], F_GETFL), flags);
	output_finish(&output, false);
}

/* Opened again it would be another one. */
static void
the_master_of_a_terminal_is_written_as_it_is(void **state)
{
	(void)state;
	ends[1] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ends[1] < 0)
		skip();
	assert_int_equal(output_init(&output, ends[1]), 0);
	assert_int_equal(output_descriptor(&output), ends[1]);
	output_finish(&output, false);
}

static void
a_device_that_never_waits_takes_all_at_once(void **state)
{
	(void)state;
	ends[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_int_equal(output_init(&output, ends[1]), 0);
	assert_false(output_is_terminal(&output));
	assert_int_equal(output_descriptor(&output), -1);
	assert_int_equal(output.piece, OUTPUT_BLOCK);
	ends_feed(MUCH);
	output_write(&output);
	assert_false(output_pending(&output));
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
}

/* What does not fit stays, and goes when the reader has made room. */
static void
a_full_pipe_is_not_waited_for(void **state)
{
	struct pollfd poll_fd = { .events = POLLOUT };
	size_t held, got;

	(void)state;
	ends_pipe(0);
	ends_feed(MUCH);
	output_write(&output);
	held = output_len(&output);
	assert_in_range(held, 1, MUCH - PIPE_BUF);
	output_write(&output);
	assert_int_equal(output_len(&output), held);
	poll_fd.fd = output_descriptor(&output);
	assert_int_equal(poll(&poll_fd, 1, 0), 0);
	got = ends_check(0);
	assert_int_equal(got, MUCH - held);
	assert_int_equal(poll(&poll_fd, 1, 0), 1);
	output_write(&output);
	assert_true(output_len(&output) < held);
	assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
	output_finish(&output, false);
}

/* Room for less than a piece, which a writer that waits would wait for. */
static void
a_pipe_is_asked_before_it_is_written_to(void **state)
{
	char byte;
	size_t held;

	(void)state;
	ends_asked_pipe();
	ends_feed(MUCH);
	output_write(&output);
	held = output_len(&output);
	assert_in_range(held, 1, MUCH - PIPE_BUF);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	output_write(&output);
	assert_int_equal(output_len(&output), held);
	assert_int_equal(output_descriptor(&output), ends[1]);
	output_finish(&output, false);
}

/* Whoever shares the pipe, in a child say, has another descriptor. */
static void
a_pipe_is_opened_again_for_us_alone(void **state)
{
	int fd;

	(void)state;
	ends_pipe(0);
	fd = output_descriptor(&output);
	assert_int_not_equal(fd, ends[1]);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

/* Each appends, whatever the other has written meanwhile. */
static void
two_append_to_one_file(void **state)
{
	struct output other;
	int fd;
	char bytes[16];
	char path[32];

	(void)state;
	ends_file(O_APPEND);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(output_init(&other, fd), 0);
	output_bytes(&output, "one ", 4);
	output_write(&output);
	output_bytes(&other, "two ", 4);
	output_write(&other);
	output_bytes(&output, "three", 5);
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
	assert_int_equal(output_finish(&other, true), EXIT_DONE);
	close(fd);
	assert_int_equal(read(ends[0], bytes, sizeof(bytes)), 13);
	assert_memory_equal(bytes, "one two three", 13);
}

/* As in (reverse; reverse) >file. */
static void
two_share_a_place_in_one_file(void **state)
{
	char bytes[16];

	(void)state;
	ends_file(0);
	output_bytes(&output, "one ", 4);
	output_write(&output);
	assert_int_equal(write(ends[1], "two ", 4), 4);
	output_bytes(&output, "three", 5);
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
	assert_int_equal(read(ends[0], bytes, sizeof(bytes)), 13);
	assert_memory_equal(bytes, "one two three", 13);
}

static void
a_block_is_worth_a_write_or_the_end(void **state)
{
	(void)state;
	ends_pipe(0);
	assert_false(output_is_terminal(&output));
	assert_false(output_is_due(&output, false));
	ends_feed(OUTPUT_BLOCK - 1);
	assert_true(output_is_due(&output, false));
	assert_false(output_is_due(&output, true));
	output_bytes(&output, "x", 1);
	assert_true(output_is_due(&output, true));
	output_finish(&output, false);
}

static void
texts_and_lines_are_as_long_as_they_are(void **state)
{
	char bytes[1200];

	(void)state;
	ends_pipe(0);
	output_bytes(&output, NULL, 0);
	output_line(&output, "one", 3);
	output_line(&output, "two\n", 4);
	output_line(&output, NULL, 0);
	output_text(&output, "%d%s", 42, "\n");
	output_text(&output, "%01000d", 7);
	output_text(&output, "%s", "");
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
	assert_int_equal(read(ends[0], bytes, sizeof(bytes)), 1012);
	assert_memory_equal(bytes, "one\ntwo\n\n42\n000", 15);
	assert_memory_equal(bytes + 1010, "07", 2);
}

/* In a child, for ever, as a slow reader does. */
static pid_t
begin_reader(size_t total)
{
	struct pollfd poll_fd = { .fd = ends[0], .events = POLLIN };
	pid_t child = fork();
	size_t got = 0;

	if (child != 0)
		return child;
	close(output.again);
	ends_leave(1);
	while (poll(&poll_fd, 1, -1) == 1 && poll_fd.revents & POLLIN)
		got = ends_check(got);
	_exit(got == total ? 0 : 1);
}

static void
the_end_waits_for_a_reader_if_it_may(void **state)
{
	pid_t child;
	int status;

	(void)state;
	ends_pipe(0);
	ends_feed(MUCH);
	child = begin_reader(MUCH);
	assert_true(child > 0);
	ends_leave(0);
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
	ends_leave(1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
the_end_leaves_what_it_would_have_to_wait_for(void **state)
{
	(void)state;
	ends_pipe(0);
	ends_feed(MUCH);
	assert_int_equal(output_finish(&output, false), EXIT_DONE);
	assert_in_range(ends_check(0), PIPE_BUF, MUCH - 1);
}

#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, ends_setup, ends_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(all_goes_through_a_pipe),
		CASE(a_pipe_takes_a_block_at_once),
		CASE(all_goes_through_a_pipe_that_does_not_wait),
		CASE(all_goes_through_a_pipe_that_cannot_be_opened_again),
		CASE(room_that_is_not_needed_is_not_written),
		CASE(all_goes_through_a_socket),
		CASE(all_goes_through_a_socket_of_datagrams),
		CASE(all_goes_into_a_file_at_once),
		CASE(all_goes_to_a_terminal_as_it_comes),
		CASE(the_master_of_a_terminal_is_written_as_it_is),
		CASE(a_device_that_never_waits_takes_all_at_once),
		CASE(a_full_pipe_is_not_waited_for),
		CASE(a_pipe_is_asked_before_it_is_written_to),
		CASE(a_pipe_is_opened_again_for_us_alone),
		CASE(two_append_to_one_file),
		CASE(two_share_a_place_in_one_file),
		CASE(a_block_is_worth_a_write_or_the_end),
		CASE(texts_and_lines_are_as_long_as_they_are),
		CASE(the_end_waits_for_a_reader_if_it_may),
		CASE(the_end_leaves_what_it_would_have_to_wait_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
