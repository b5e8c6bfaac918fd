/*
 * A disk that is slow or fails, for a program that was started with this
 * library preloaded: each write at a place of a file takes SLOW_DISK_MS
 * milliseconds, and fails with EIO when SLOW_DISK_FAILS is set.
 */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/types.h>

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t offset);

ssize_t
pwrite64(int fd, const void *bytes, size_t len, off64_t offset)
{
	ssize_t (*next)(int, const void *, size_t, off64_t);
	const char *ms = getenv("SLOW_DISK_MS");

	if (ms != NULL)
		poll(NULL, 0, atoi(ms));
	if (getenv("SLOW_DISK_FAILS") != NULL) {
		errno = EIO;
		return -1;
	}
	*(void **)&next = dlsym(RTLD_NEXT, "pwrite64");
	return next(fd, bytes, len, offset);
}
