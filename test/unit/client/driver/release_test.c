/*
 * What client/driver/release promises: results are written as they are read,
 * and a reader that leaves is noticed.
 */
#include "client/driver/release.h"

#include "base/clock.h"
#include "test/lib/user.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* More than a pipe holds. */
enum { MUCH = 1024 * 1024 };

struct fixture {
	struct user *user;
	struct release release;
	int ends[2];
	unsigned int moved;
	pthread_t thread;
	size_t read;
};

static void
on_moved(void *context)
{
	struct fixture *f = context;

	f->moved++;
	session_wake(&f->user->session);
}

/* The output of the session goes there from now on. */
static void
write_to(struct fixture *f, int fd)
{
	assert_int_equal(output_finish(&f->user->output, true), EXIT_DONE);
	assert_int_equal(output_init(&f->user->output, fd), 0);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	void *user;

	assert_non_null(f);
	user_setup(&user);
	f->user = user;
	assert_int_equal(pipe2(f->ends, O_CLOEXEC), 0);
	write_to(f, f->ends[1]);
	*state = f;
	return 0;
}

static void
close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	void *user = f->user;

	close_one(&f->ends[0]);
	user_teardown(&user);
	close_one(&f->ends[1]);
	free(f);
	return 0;
}

static void
hold(struct fixture *f, size_t len)
{
	char *bytes = calloc(1, len);

	assert_non_null(bytes);
	output_bytes(&f->user->output, bytes, len);
	free(bytes);
}

static void
start(struct fixture *f)
{
	release_init(&f->release, &f->user->session, on_moved, f);
}

/* Reads what there is, as long as there is any. */
static size_t
drain(struct fixture *f)
{
	char bytes[64 * 1024];
	struct pollfd more = { .fd = f->ends[0], .events = POLLIN };
	size_t all = 0;
	ssize_t n;

	while (poll(&more, 1, 0) > 0 &&
	    (n = read(f->ends[0], bytes, sizeof(bytes))) > 0)
		all += (size_t)n;
	return all;
}

static void
the_rest_is_written_when_it_is_read(void **state)
{
	struct fixture *f = *state;
	size_t all = 0;

	start(f);
	hold(f, MUCH);
	release_write(&f->release);
	assert_true(output_pending(&f->user->output));
	user_runs(f->user, 20);
	assert_int_equal(f->moved, 0);
	while (all < MUCH) {
		all += drain(f);
		user_runs(f->user, 1);
	}
	assert_int_equal(all, MUCH);
	assert_false(output_pending(&f->user->output));
	assert_true(f->moved > 1);
	/* Nothing is told when there is nothing to do. */
	f->moved = 0;
	user_runs(f->user, 20);
	assert_int_equal(f->moved, 0);
	release_deinit(&f->release);
}

static void
a_reader_that_leaves_is_noticed_once(void **state)
{
	struct fixture *f = *state;

	start(f);
	user_runs(f->user, 10);
	assert_int_equal(f->moved, 0);
	close_one(&f->ends[0]);
	user_runs(f->user, 50);
	assert_int_equal(f->moved, 1);
	assert_true(output_gone(&f->user->output));
	release_deinit(&f->release);
}

static void
what_is_ended_is_not_watched(void **state)
{
	struct fixture *f = *state;

	start(f);
	release_deinit(&f->release);
	close_one(&f->ends[0]);
	user_runs(f->user, 20);
	assert_int_equal(f->moved, 0);
}

static void
a_file_takes_all_at_once(void **state)
{
	struct fixture *f = *state;
	int file = memfd_create("out", MFD_CLOEXEC);

	write_to(f, file);
	start(f);
	hold(f, MUCH);
	release_write(&f->release);
	assert_false(output_pending(&f->user->output));
	release_deinit(&f->release);
	assert_int_equal(release_all(&f->user->session), EXIT_DONE);
	assert_int_equal(lseek(file, 0, SEEK_END), MUCH);
	write_to(f, STDOUT_FILENO);
	close(file);
}

/* Slowly. */
static void *
read_all(void *arg)
{
	struct fixture *f = arg;
	char bytes[16 * 1024];

	while (f->read < MUCH) {
		ssize_t n = read(f->ends[0], bytes, sizeof(bytes));

		if (n <= 0)
			break;
		f->read += (size_t)n;
		poll(NULL, 0, 1);
	}
	return NULL;
}

static void
all_of_it_is_waited_for(void **state)
{
	struct fixture *f = *state;

	hold(f, MUCH);
	assert_int_equal(pthread_create(&f->thread, NULL, read_all, f), 0);
	assert_int_equal(release_all(&f->user->session), EXIT_DONE);
	assert_false(output_pending(&f->user->output));
	pthread_join(f->thread, NULL);
	assert_int_equal(f->read, MUCH);
}

static void *
leave(void *arg)
{
	struct fixture *f = arg;

	poll(NULL, 0, 50);
	close_one(&f->ends[0]);
	return NULL;
}

static void
a_reader_that_leaves_is_not_waited_for(void **state)
{
	struct fixture *f = *state;

	hold(f, MUCH);
	assert_int_equal(pthread_create(&f->thread, NULL, leave, f), 0);
	assert_int_equal(release_all(&f->user->session), EXIT_DONE);
	pthread_join(f->thread, NULL);
	assert_true(output_gone(&f->user->output));
}

static void
an_interrupt_ends_the_wait(void **state)
{
	struct fixture *f = *state;

	hold(f, MUCH);
	kill(getpid(), SIGTERM);
	assert_int_equal(release_all(&f->user->session), EXIT_INTERRUPTED);
	assert_int_equal(f->user->session.killed, SIGTERM);
	assert_true(output_pending(&f->user->output));
	close_one(&f->ends[0]);
}

static void
a_loop_that_fails_is_no_success(void **state)
{
	struct fixture *f = *state;

	hold(f, MUCH);
	user_loses_loop(f->user);
	user_listens(f->user);
	assert_int_equal(release_all(&f->user->session), EXIT_FAILED);
	user_has_heard(f->user);
	assert_says(f->user, "cannot wait");
	close_one(&f->ends[0]);
}

static void
input_is_waited_for(void **state)
{
	struct fixture *f = *state;
	struct session *session = &f->user->session;
	int ends[2], file = memfd_create("file", MFD_CLOEXEC);

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(
	    release_wait(session, ends[0], SESSION_FOREVER), SESSION_WAIT_DONE);
	/* A file needs no wait. */
	assert_int_equal(
	    release_wait(session, file, SESSION_FOREVER), SESSION_WAIT_DONE);
	assert_int_equal(read(ends[0], f->user->text, 1), 1);
	assert_int_equal(release_wait(session, ends[0], clock_now_ms() + 20),
	    SESSION_WAIT_LATE);
	kill(getpid(), SIGINT);
	assert_int_equal(release_wait(session, ends[0], SESSION_FOREVER),
	    SESSION_WAIT_INTERRUPTED);
	close(ends[0]);
	close(ends[1]);
	close(file);
}

/* Whether there is an input or not. */
static void
a_reader_that_leaves_ends_the_wait_for_input(void **state)
{
	struct fixture *f = *state;
	uint64_t until = clock_now_ms() + USER_PATIENCE_MS;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	close_one(&f->ends[0]);
	assert_int_equal(
	    release_wait(&f->user->session, ends[0], until), SESSION_WAIT_DONE);
	assert_true(output_gone(&f->user->output));
	assert_int_equal(
	    release_wait(&f->user->session, -1, until), SESSION_WAIT_DONE);
	assert_true(clock_now_ms() < until);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_rest_is_written_when_it_is_read),
		CASE(a_reader_that_leaves_is_noticed_once),
		CASE(what_is_ended_is_not_watched),
		CASE(a_file_takes_all_at_once),
		CASE(all_of_it_is_waited_for),
		CASE(a_reader_that_leaves_is_not_waited_for),
		CASE(an_interrupt_ends_the_wait),
		CASE(a_loop_that_fails_is_no_success),
		CASE(input_is_waited_for),
		CASE(a_reader_that_leaves_ends_the_wait_for_input),
	};

	user_main();
	return cmocka_run_group_tests_name("client_release", tests, NULL, NULL);
}
