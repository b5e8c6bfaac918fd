/* What client/driver/files promises: it reads without waiting, and again what
 * was kept. */
#include "client/driver/files.h"

#include "client/terminal/say.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
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
	char *names[2];
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
	f->names[0] = f->names[1] = f->name;
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

static int
setup_kept(void **state)
{
	int r = setup(state);
	struct fixture *f = *state;

	f->files.keep = true;
	return r;
}

static int
begin_writer(const struct fixture *f)
{
	int writer = open(f->name, O_WRONLY | O_CLOEXEC);

	assert_true(writer >= 0);
	return writer;
}

static void
put(int writer, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(write(writer, text, len), (ssize_t)len);
}

static void
expect(struct fixture *f, const char *text)
{
	assert_int_equal(read_some(f), 0);
	assert_int_equal(f->len, strlen(text));
	assert_memory_equal(f->bytes, text, f->len);
}

static void
what_is_not_kept_is_not_read_again(void **state)
{
	struct fixture *f = *state;
	int writer = begin_writer(f);

	put(writer, "text");
	expect(f, "text");
	assert_int_equal(files_seek(&f->files, 0), -ESPIPE);
	files_release(&f->files, 4);
	close(writer);
	assert_int_equal(read_some(f), FILES_END);
}

static void
what_is_kept_is_read_again_and_then_the_rest(void **state)
{
	struct fixture *f = *state;
	int writer = begin_writer(f);

	put(writer, "one ");
	expect(f, "one ");
	put(writer, "two");
	assert_int_equal(files_seek(&f->files, 1), 0);
	expect(f, "ne ");
	expect(f, "two");
	assert_int_equal(read_some(f), FILES_WAIT);
	assert_int_equal(files_seek(&f->files, 7), 0);
	assert_int_equal(read_some(f), FILES_WAIT);
	assert_int_equal(files_seek(&f->files, 8), -ESPIPE);
	close(writer);
	assert_int_equal(read_some(f), FILES_END);
	assert_int_equal(files_seek(&f->files, 0), 0);
	expect(f, "one two");
	assert_int_equal(read_some(f), FILES_END);
}

/* As at a terminal, where Ctrl-D ends the text once. */
static void
an_end_stays_the_end(void **state)
{
	struct fixture *f = *state;
	int writer = begin_writer(f);

	put(writer, "text");
	close(writer);
	expect(f, "text");
	assert_int_equal(read_some(f), FILES_END);
	writer = begin_writer(f);
	put(writer, "more");
	assert_int_equal(files_seek(&f->files, 0), 0);
	expect(f, "text");
	assert_int_equal(read_some(f), FILES_END);
	close(writer);
}

static void
the_next_file_begins_anew(void **state)
{
	struct fixture *f = *state;
	int writer = begin_writer(f);

	f->files.count = 2;
	put(writer, "text");
	close(writer);
	expect(f, "text");
	assert_int_equal(read_some(f), FILES_END);
	assert_int_equal(files_next(&f->files), 0);
	writer = begin_writer(f);
	put(writer, "more");
	expect(f, "more");
	assert_int_equal(files_seek(&f->files, 0), 0);
	expect(f, "more");
	close(writer);
	assert_int_equal(read_some(f), FILES_END);
	assert_int_equal(files_next(&f->files), FILES_END);
}

static void
a_plain_file_is_read_again_from_where_it_was(void **state)
{
	struct fixture *f = *state;
	int fd;

	unlink(f->name);
	fd = open(f->name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	put(fd, "text");
	close(fd);
	f->files.opened = 0;
	assert_int_equal(files_next(&f->files), 0);
	expect(f, "text");
	assert_int_equal(read_some(f), FILES_END);
	assert_int_equal(files_seek(&f->files, 2), 0);
	expect(f, "xt");
	assert_int_equal(f->files.kept.fd, -1);
}

static void
what_was_released_is_not_read_again(void **state)
{
	struct fixture *f = *state;
	const size_t mebibyte = 1024 * 1024;
	int writer = begin_writer(f);
	char zeros[sizeof(f->bytes)] = { 0 };

	for (size_t i = 0; i < mebibyte; i += sizeof(zeros)) {
		assert_int_equal(
		    write(writer, zeros, sizeof(zeros)), sizeof(zeros));
		assert_int_equal(read_some(f), 0);
	}
	put(writer, "text");
	expect(f, "text");
	files_release(&f->files, mebibyte);
	assert_int_equal(files_seek(&f->files, mebibyte - 1), -ESPIPE);
	assert_int_equal(files_seek(&f->files, mebibyte), 0);
	expect(f, "text");
	close(writer);
}

/* Of all files, but not of pipes. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Reads twice on a full disk; what is said meanwhile goes to the pipe. */
static void
read_on_a_full_disk(struct fixture *f, int writer, int errors)
{
	int kept = dup(STDERR_FILENO);

	signal(SIGXFSZ, SIG_IGN);
	say_at(SAY_STEPS);
	dup2(errors, STDERR_FILENO);
	limit_files(6);
	put(writer, "two ");
	expect(f, "two ");
	put(writer, "three");
	expect(f, "three");
	limit_files(RLIM_INFINITY);
	dup2(kept, STDERR_FILENO);
	say_at(SAY_ERRORS);
	close(kept);
}

/* The text is read on all the same, and the user is told once. */
static void
a_full_disk_is_no_failure_of_reading(void **state)
{
	struct fixture *f = *state;
	int writer = begin_writer(f), errors[2];
	char expected[256], said[256] = "";

	assert_int_equal(pipe2(errors, O_CLOEXEC), 0);
	put(writer, "one ");
	expect(f, "one ");
	read_on_a_full_disk(f, writer, errors[1]);
	close(errors[1]);
	assert_true(read(errors[0], said, sizeof(said) - 1) > 0);
	close(errors[0]);
	snprintf(expected, sizeof(expected),
	    "reverse: %s is not kept, to be read again: File too large\n",
	    f->name);
	assert_string_equal(said, expected);
	assert_int_equal(files_seek(&f->files, 0), -EFBIG);
	close(writer);
	assert_int_equal(read_some(f), FILES_END);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define KEPT(name) cmocka_unit_test_setup_teardown(name, setup_kept, teardown)

/* What of them may be read in all, or 1 where that is not known. */
static uint64_t
total_of(int count, char **names)
{
	struct files files;
	uint64_t total;

	files_init(&files, count, names);
	return files_total(&files, &total) ? total : 1;
}

static void
the_bytes_of_files_are_known(void **state)
{
	struct fixture *f = *state;
	char self[] = "/proc/self/exe", input[] = "-", none[] = "/none/such";
	char *names[] = { self, input, self };
	int file = memfd_create("text", MFD_CLOEXEC), kept = dup(STDIN_FILENO);
	struct stat status;

	assert_int_equal(stat(self, &status), 0);
	assert_int_equal(write(file, "0123456789", 10), 10);
	assert_int_equal(lseek(file, 4, SEEK_SET), 4);
	dup2(file, STDIN_FILENO);
	assert_int_equal(total_of(0, NULL), 6);
	assert_int_equal(total_of(3, names), 2 * (uint64_t)status.st_size + 6);
	assert_int_equal(lseek(STDIN_FILENO, 20, SEEK_SET), 20);
	assert_int_equal(total_of(0, NULL), 0);
	names[1] = f->name;
	assert_int_equal(total_of(3, names), 1);
	names[1] = none;
	assert_int_equal(total_of(3, names), 1);
	dup2(kept, STDIN_FILENO);
	close(kept);
	close(file);
}

static void
a_terminal_is_typed_at(void **state)
{
	struct files files;
	int ours, theirs, kept = dup(STDIN_FILENO);
	struct fixture *f = *state;
	char input[] = "-", *names[] = { f->name, input };

	assert_int_equal(openpty(&ours, &theirs, NULL, NULL, NULL), 0);
	dup2(theirs, STDIN_FILENO);
	files_init(&files, 2, names);
	assert_true(files_are_typed(&files));
	files_init(&files, 1, names);
	assert_false(files_are_typed(&files));
	dup2(ours, STDIN_FILENO);
	close(ours);
	close(theirs);
	dup2(kept, STDIN_FILENO);
	close(kept);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_fifo_without_a_writer_is_waited_for),
		CASE(what_is_written_to_a_fifo_is_read_to_its_end),
		CASE(an_interrupted_look_does_not_lead_to_a_read),
		CASE(a_look_that_fails_is_an_error),
		CASE(what_is_not_kept_is_not_read_again),
		KEPT(what_is_kept_is_read_again_and_then_the_rest),
		KEPT(an_end_stays_the_end),
		KEPT(the_next_file_begins_anew),
		KEPT(a_plain_file_is_read_again_from_where_it_was),
		KEPT(what_was_released_is_not_read_again),
		KEPT(a_full_disk_is_no_failure_of_reading),
		CASE(the_bytes_of_files_are_known),
		CASE(a_terminal_is_typed_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
