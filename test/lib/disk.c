/*
 * A disk that is slow or broken, for LD_PRELOAD: each pwrite(2) first takes
 * DISK_DELAY milliseconds, and fails with DISK_ERROR if that is a number.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

ssize_t
pwrite64(int fd, const void *bytes, size_t len, off64_t offset)
{
	const char *delay = getenv("DISK_DELAY"), *error = getenv("DISK_ERROR");
	long ms = delay != NULL ? atol(delay) : 0;
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };
	ssize_t n;

	nanosleep(&pause, NULL);
	if (error != NULL && atoi(error) != 0) {
		errno = atoi(error);
		return -1;
	}
	if (lseek64(fd, offset, SEEK_SET) == -1)
		return -1;
	n = write(fd, bytes, len);
	return n;
}

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
	return pwrite64(fd, bytes, len, offset);
}
