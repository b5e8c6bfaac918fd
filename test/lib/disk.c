/*
 * A disk that is slow or broken, for LD_PRELOAD: each pwrite(2) says in the log
 * that it has begun; then it takes DISK_DELAY milliseconds, and a byte from the
 * FIFO DISK_GATE, if that is named; and fails with DISK_ERROR if that is a
 * number.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static int gate = -1;

/* Before the sandbox, in which nothing can be opened. */
__attribute__((constructor)) static void
open_gate(void)
{
	const char *path = getenv("DISK_GATE");

	if (path != NULL)
		gate = open(path, O_RDWR | O_CLOEXEC);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t len, off64_t offset)
{
	static const char begun[] = "disk: a write has begun\n";
	const char *delay = getenv("DISK_DELAY"), *error = getenv("DISK_ERROR");
	long ms = delay != NULL ? atol(delay) : 0;
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };
	ssize_t n;
	char let;

	n = write(STDERR_FILENO, begun, sizeof(begun) - 1);
	nanosleep(&pause, NULL);
	while (gate >= 0 && read(gate, &let, 1) < 0 && errno == EINTR)
		;
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
