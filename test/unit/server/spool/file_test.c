/* What a disk says, and what it is taken for: server/spool/file. */
#include "server/spool/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
/* Needs the headers above. */
#include <cmocka.h>

enum { BLOCK = 4096 };

/* The disk that the functions below stand for. */
static struct {
	uint64_t blocks;
	uint64_t free_blocks;
	int error;    /* of a write */
	size_t least; /* bytes that are written at once */
	size_t written;
	uint64_t offset; /* that is to come */
} disk;

/* They take the place of the C library's. */
int
fstatvfs(int fd, struct statvfs *fs)
{
	(void)fd;
	memset(fs, 0, sizeof(*fs));
	fs->f_frsize = BLOCK;
	fs->f_blocks = disk.blocks;
	fs->f_bavail = disk.free_blocks;
	return 0;
}

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
	(void)fd;
	(void)bytes;
	errno = disk.error;
	if (disk.error != 0)
		return -1;
	assert_int_equal(offset, disk.offset);
	len = len < disk.least ? len : disk.least;
	disk.offset += len;
	disk.written += len;
	return (ssize_t)len;
}

static void
a_part_of_the_disk_stays_free(void **state)
{
	(void)state;
	disk.blocks = 1000;
	disk.free_blocks = 60;
	/* 50 of the blocks stay, so 10 are left. */
	assert_int_equal(file_check_room(-1, 5, 10 * BLOCK), 0);
	assert_int_equal(file_check_room(-1, 5, 10 * BLOCK + 1), -ENOSPC);
	assert_int_equal(file_check_room(-1, 6, 1), -ENOSPC);
	assert_int_equal(file_check_room(-1, 7, 0), -ENOSPC);
	assert_int_equal(file_check_room(-1, 0, 60 * BLOCK), 0);
}

static void
all_bytes_are_written_however_few_at_once(void **state)
{
	const char bytes[1000] = "";

	(void)state;
	memset(&disk, 0, sizeof(disk));
	disk.least = 300;
	disk.offset = 70;
	assert_int_equal(file_write(-1, bytes, sizeof(bytes), 70), 0);
	assert_int_equal(disk.written, sizeof(bytes));
}

static void
a_quota_that_is_used_up_is_a_full_disk(void **state)
{
	static const int cases[][2] = { { EDQUOT, -ENOSPC },
		{ ENOSPC, -ENOSPC }, { EIO, -EIO }, { EFBIG, -EFBIG } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		disk.error = cases[i][0];
		assert_int_equal(file_write(-1, "x", 1, 0), cases[i][1]);
	}
}

/* The page cache has what was written just now, or the file system does not
 * tell; what is not there is never read. */
static void
only_all_of_the_bytes_are_read_at_once(void **state)
{
	int fd = file_make("/tmp"), pipe_fds[2];
	char bytes[8] = "";

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "0123456789", 10), 10);
	if (file_read_now(fd, bytes, 4, 3))
		assert_memory_equal(bytes, "3456", 4);
	assert_false(file_read_now(fd, bytes, 8, 3));
	assert_false(file_read_now(fd, bytes, 1, 10));
	assert_int_equal(pipe(pipe_fds), 0);
	assert_false(file_read_now(pipe_fds[0], bytes, 1, 0));
	assert_false(file_read_now(-1, bytes, 1, 0));
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	close(fd);
}

static void
children_do_not_inherit_a_file(void **state)
{
	int fd = file_make("/tmp");

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_of_the_disk_stays_free),
		cmocka_unit_test(all_bytes_are_written_however_few_at_once),
		cmocka_unit_test(a_quota_that_is_used_up_is_a_full_disk),
		cmocka_unit_test(only_all_of_the_bytes_are_read_at_once),
		cmocka_unit_test(children_do_not_inherit_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
