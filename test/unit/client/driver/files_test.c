/* What client/driver/files promises: it reads without waiting. */
#include "client/driver/files.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* Seconds after which a read that waits is ended, and the test. */
#define TOO_LONG 100

static int poll_error; /* what the next poll fails with, or 0 */

/* In the place of libc's. */
int
poll(struct pollfd *fds, nfds_t count, int timeout)
{
	const struct timespec none = { 0 };

	assert_int_equal(timeout, 0);
	if (poll_error == 0)
		return (int)syscall(
		    SYS_ppoll, fds, count, &none, NULL, sizeof(uint64_t));
	errno = poll_error;
	poll_error = 0;
	return -1;
}

struct fixture {
	char folder[32];
	char name[48];
	char *names[1];
	struct files files;
	char bytes[64];
	size_t len;
};

/* A FIFO to which nobody writes, opened. */
static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->folder, "/tmp/files-test.XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	strcpy(f->name, f->folder);
	strcat(f->name, "/fifo");
	assert_int_equal(mkfifo(f->name, 0600), 0);
	f->names[0] = f->name;
	alarm(TOO_LONG);
	files_init(&f->files, 1, f->names);
	assert_int_equal(files_next(&f->files), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	alarm(0);
	files_deinit(&f->files);
	unlink(f->name);
	rmdir(f->folder);
	free(f);
	return 0;
}

static int
read_some(struct fixture *f)
{
	return files_read(&f->files, f->bytes, sizeof(f->bytes), &f->len);
}

static void
a_fifo_without_a_writer_is_waited_for(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_some(f), FILES_WAIT);
	assert_int_equal(f->len, 0);
}

static void
what_is_written_to_a_fifo_is_read_to_its_end(void **state)
{
	struct fixture *f = *state;
	int writer = open(f->name, O_WRONLY | O_CLOEXEC);

	assert_true(writer >= 0);
	assert_int_equal(read_some(f), FILES_WAIT);
	assert_int_equal(write(writer, "text", 4), 4);
	assert_int_equal(read_some(f), 0);
	assert_int_equal(f->len, 4);
	assert_memory_equal(f->bytes, "text", 4);
	assert_int_equal(read_some(f), FILES_WAIT);
	close(writer);
	assert_int_equal(read_some(f), FILES_END);
	assert_int_equal(files_next(&f->files), FILES_END);
}

/* The descriptor blocks, as standard input may. */
static void
an_interrupted_look_does_not_lead_to_a_read(void **state)
{
	struct fixture *f = *state;
	int writer = open(f->name, O_WRONLY | O_CLOEXEC);

	assert_true(writer >= 0);
	assert_int_equal(fcntl(f->files.fd, F_SETFL, 0), 0);
	poll_error = EINTR;
	assert_int_equal(read_some(f), FILES_WAIT);
	assert_int_equal(write(writer, "x", 1), 1);
	assert_int_equal(read_some(f), 0);
	assert_int_equal(f->len, 1);
	close(writer);
}

static void
a_look_that_fails_is_an_error(void **state)
{
	struct fixture *f = *state;

	poll_error = ENOMEM;
	assert_int_equal(read_some(f), -ENOMEM);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_fifo_without_a_writer_is_waited_for),
		CASE(what_is_written_to_a_fifo_is_read_to_its_end),
		CASE(an_interrupted_look_does_not_lead_to_a_read),
		CASE(a_look_that_fails_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
