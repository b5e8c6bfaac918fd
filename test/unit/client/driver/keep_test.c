/* What client/driver/keep promises: what was read can be read again, from a
 * file that nobody else sees. */
#undef _FORTIFY_SOURCE /* open() is put in the place of libc's */
#include "client/driver/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define MEBIBYTE ((size_t)1024 * 1024)

static struct keep keep;
static char folder[] = "/tmp/keep-test.XXXXXX";
static bool all_have_names; /* no file without one can be made */

/* In the place of libc's. */
int
open(const char *path, int flags, ...)
{
	if (all_have_names && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(
	    SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, 0600);
}

static int
setup(void **state)
{
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	strcpy(strrchr(folder, '.'), ".XXXXXX");
	assert_non_null(mkdtemp(folder));
	setenv("TMPDIR", folder, 1);
	all_have_names = false;
	keep_init(&keep);
	return 0;
}

/* The folder is empty, whatever was kept. */
static int
teardown(void **state)
{
	(void)state;
	keep_deinit(&keep);
	keep_deinit(&keep);
	unsetenv("TMPDIR");
	return rmdir(folder);
}

static void
append(const char *text)
{
	assert_int_equal(keep_append(&keep, text, strlen(text)), 0);
}

/* Reads at most room bytes from there. */
static void
expect(uint64_t offset, size_t room, const char *text)
{
	char bytes[64];
	size_t len;

	assert_true(room <= sizeof(bytes));
	assert_int_equal(keep_read(&keep, offset, bytes, room, &len), 0);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(bytes, text, len);
}

/* Bytes that may be written to a file; RLIM_INFINITY: any. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
what_was_appended_is_read_from_anywhere(void **state)
{
	(void)state;
	append("one ");
	append("");
	append("two ");
	append("three");
	assert_int_equal(keep.len, 13);
	expect(0, 64, "one two three");
	expect(4, 3, "two");
	expect(8, 64, "three");
	expect(13, 64, "");
	append("!");
	expect(12, 64, "e!");
	assert_int_equal(keep_failed(&keep), 0);
}

static void
a_file_is_made_with_the_first_byte(void **state)
{
	(void)state;
	setenv("TMPDIR", "/nonexistent", 1);
	append("");
	expect(0, 64, "");
	assert_int_equal(keep.fd, -1);
	assert_int_equal(keep_append(&keep, "x", 1), -ENOENT);
	assert_int_equal(keep_failed(&keep), ENOENT);
}

static void
assert_is_ours_alone(void)
{
	struct stat status;

	assert_int_equal(fstat(keep.fd, &status), 0);
	assert_int_equal(status.st_nlink, 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(fcntl(keep.fd, F_GETFD), FD_CLOEXEC);
}

static void
the_file_has_no_name(void **state)
{
	(void)state;
	append("text");
	assert_is_ours_alone();
}

/* NFS for one. */
static void
it_has_none_where_each_file_is_made_with_one(void **state)
{
	(void)state;
	all_have_names = true;
	append("text");
	assert_is_ours_alone();
	expect(0, 64, "text");
}

static void
without_a_folder_of_the_users_it_is_in_tmp(void **state)
{
	char path[32], link[64] = "";

	(void)state;
	setenv("TMPDIR", "", 1);
	append("text");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", keep.fd);
	assert_true(readlink(path, link, sizeof(link) - 1) > 0);
	assert_memory_equal(link, "/tmp/", 5);
}

static void
after_a_full_disk_nothing_is_kept(void **state)
{
	char bytes[64];
	size_t len;

	(void)state;
	append("text");
	limit_files(8);
	assert_int_equal(keep_append(&keep, "too long", 8), -EFBIG);
	limit_files(RLIM_INFINITY);
	assert_int_equal(keep_failed(&keep), EFBIG);
	assert_int_equal(keep.fd, -1);
	/* That is told once. */
	append("more");
	assert_int_equal(keep_read(&keep, 0, bytes, 64, &len), -EFBIG);
	assert_int_equal(len, 0);
	keep_release_below(&keep, 4 * MEBIBYTE);
	assert_int_equal(keep_failed(&keep), EFBIG);
}

static blkcnt_t
blocks(void)
{
	struct stat status;

	assert_int_equal(fstat(keep.fd, &status), 0);
	return status.st_blocks;
}

static void
fill(size_t len)
{
	char *bytes = calloc(1, len);

	assert_non_null(bytes);
	memset(bytes, 'x', len);
	assert_int_equal(keep_append(&keep, bytes, len), 0);
	free(bytes);
}

static void
the_disk_gets_back_what_was_released(void **state)
{
	blkcnt_t before;
	char bytes[64];
	size_t len;

	(void)state;
	fill(3 * MEBIBYTE);
	append("text");
	if (fallocate(keep.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
		4096) != 0)
		skip();
	before = blocks();
	keep_release_below(&keep, 2 * MEBIBYTE + 1);
	assert_true(blocks() < before);
	assert_int_equal(keep_read(&keep, 0, bytes, 64, &len), -ENODATA);
	expect(2 * MEBIBYTE, 4, "xxxx");
	expect(3 * MEBIBYTE, 64, "text");
	before = blocks();
	keep_release_below(&keep, 0);
	keep_release_below(&keep, UINT64_MAX);
	assert_true(blocks() < before);
	expect(3 * MEBIBYTE, 64, "text");
	append("!");
	expect(3 * MEBIBYTE, 64, "text!");
}

static void
less_than_a_step_is_not_worth_a_call(void **state)
{
	(void)state;
	fill(MEBIBYTE);
	keep_release_below(&keep, MEBIBYTE - 1);
	assert_int_equal(keep.released, 0);
	expect(0, 1, "x");
	keep_release_below(&keep, MEBIBYTE);
	assert_int_equal(keep.released, MEBIBYTE);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_was_appended_is_read_from_anywhere),
		CASE(a_file_is_made_with_the_first_byte),
		CASE(the_file_has_no_name),
		CASE(it_has_none_where_each_file_is_made_with_one),
		CASE(without_a_folder_of_the_users_it_is_in_tmp),
		CASE(after_a_full_disk_nothing_is_kept),
		CASE(the_disk_gets_back_what_was_released),
		CASE(less_than_a_step_is_not_worth_a_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
