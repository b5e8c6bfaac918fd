/* How client/terminal/output fails: what is told of it, and when a reader has
 * left. */
#include "client/exit_code.h"
#include "test/lib/ends.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void
a_full_disk_is_a_failure(void **state)
{
	(void)state;
	ends[1] = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_true(ends[1] >= 0);
	assert_int_equal(output_init(&output, ends[1]), 0);
	output_bytes(&output, "x", 1);
	output_write(&output);
	assert_int_equal(output.error, ENOSPC);
	assert_true(output_failed(&output));
	assert_false(output_gone(&output));
	/* What follows is dropped. */
	ends_feed(0);
	output_bytes(&output, "x", 1);
	output_text(&output, "%d", 1);
	assert_false(output_pending(&output));
	assert_int_equal(output_finish(&output, true), EXIT_FAILED);
}

/* What there was room for is in the file. */
static void
a_file_that_may_not_grow_is_a_failure(void **state)
{
	struct rlimit old, now;

	(void)state;
	ends_file(0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	now = old;
	now.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
	ends_feed(10000);
	output_write(&output);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(output.error, EFBIG);
	assert_int_equal(ends_check(0), 4096);
	assert_int_equal(output_finish(&output, true), EXIT_FAILED);
}

static void
a_reader_that_leaves_is_noticed_by_watching_and_by_writing(void **state)
{
	struct pollfd poll_fd = { 0 };

	(void)state;
	ends_pipe(0);
	poll_fd.fd = output_descriptor(&output);
	assert_int_equal(poll(&poll_fd, 1, 0), 0);
	ends_leave(0);
	assert_int_equal(poll(&poll_fd, 1, 0), 1);
	assert_int_equal(poll_fd.revents, POLLERR);
	output_bytes(&output, "x", 1);
	output_write(&output);
	assert_true(output_failed(&output));
	assert_true(output_gone(&output));
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
}

static void
a_reader_that_has_left_is_no_failure(void **state)
{
	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	ends_leave(0);
	assert_int_equal(output_init(&output, ends[1]), 0);
	output_bytes(&output, "x", 1);
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
	assert_true(output_gone(&output));
	ends_leave(1);
	ends_sockets(SOCK_STREAM);
	ends_leave(0);
	output_bytes(&output, "x", 1);
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
	assert_true(output_gone(&output));
}

static void
a_reader_that_resets_the_connection_has_left(void **state)
{
	const struct linger at_once = { .l_onoff = 1 };
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	ends[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, len), 0);
	assert_int_equal(
	    getsockname(listener, (struct sockaddr *)&at, &len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(connect(ends[1], (struct sockaddr *)&at, len), 0);
	ends[0] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	setsockopt(ends[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	ends_leave(0);
	assert_int_equal(output_init(&output, ends[1]), 0);
	output_bytes(&output, "x", 1);
	output_write(&output);
	assert_true(output_gone(&output));
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
}

static void
whoever_saw_the_reader_leave_says_so(void **state)
{
	(void)state;
	ends_pipe(0);
	ends_feed(1000);
	output_mark_gone(&output);
	assert_true(output_gone(&output));
	assert_true(output_failed(&output));
	assert_false(output_pending(&output));
	output_bytes(&output, "x", 1);
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
	assert_int_equal(ends_check(0), 0);
}

static void
the_first_failure_is_the_one_that_is_told(void **state)
{
	(void)state;
	ends_pipe(0);
	output_fail(&output, ENOMEM);
	output_mark_gone(&output);
	assert_false(output_gone(&output));
	assert_int_equal(output_finish(&output, true), EXIT_FAILED);
}

static void
what_is_closed_fails_when_it_is_needed(void **state)
{
	int fd;

	(void)state;
	ends_pipe(0);
	output_finish(&output, true);
	fd = ends[1];
	ends_leave(1);
	assert_int_equal(output_init(&output, fd), 0);
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
	assert_int_equal(output_init(&output, fd), 0);
	output_bytes(&output, "x", 1);
	assert_int_equal(output_finish(&output, true), EXIT_FAILED);
	assert_int_equal(output.error, EBADF);
}

/* Opened again it could be written to. */
static void
what_is_to_be_read_is_not_written_to(void **state)
{
	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(output_init(&output, ends[0]), 0);
	output_bytes(&output, "x", 1);
	assert_int_equal(output_finish(&output, true), EXIT_FAILED);
	assert_int_equal(output.error, EBADF);
	assert_int_equal(ends_check(0), 0);
}

#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, ends_setup, ends_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_full_disk_is_a_failure),
		CASE(a_file_that_may_not_grow_is_a_failure),
		CASE(
		    a_reader_that_leaves_is_noticed_by_watching_and_by_writing),
		CASE(a_reader_that_has_left_is_no_failure),
		CASE(a_reader_that_resets_the_connection_has_left),
		CASE(whoever_saw_the_reader_leave_says_so),
		CASE(the_first_failure_is_the_one_that_is_told),
		CASE(what_is_closed_fails_when_it_is_needed),
		CASE(what_is_to_be_read_is_not_written_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
