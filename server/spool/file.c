#include "server/spool/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

_Static_assert(sizeof(off_t) >= 8, "a spool may have more than 2 GiB");

static int
make_named(const char *directory)
{
	char *name;
	int fd;

	if (asprintf(&name, "%s/reversed.XXXXXX", directory) < 0)
		return -ENOMEM;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	else
		unlink(name);
	free(name);
	return fd;
}

int
file_make(const char *directory)
{
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	/* What kernels and file systems without O_TMPFILE say. */
	if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)
		return make_named(directory);
	return -errno;
}

int
file_check_room(int fd, unsigned int free_percent, uint64_t more)
{
	struct statvfs fs;
	uint64_t left, keep;

	if (fstatvfs(fd, &fs) != 0)
		return -errno;
	left = (uint64_t)fs.f_bavail * fs.f_frsize;
	keep = (uint64_t)fs.f_blocks * fs.f_frsize / 100 * free_percent;
	return left < keep || left - keep < more ? -ENOSPC : 0;
}

int
file_write(int fd, const char *bytes, size_t len, uint64_t offset)
{
	ssize_t n;

	while (len > 0) {
		n = pwrite(fd, bytes, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EDQUOT ? -ENOSPC : -errno;
		bytes += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

int
file_read(int fd, char *bytes, size_t len, uint64_t offset)
{
	ssize_t n;

	while (len > 0) {
		n = pread(fd, bytes, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		bytes += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

bool
file_read_now(int fd, char *bytes, size_t len, uint64_t offset)
{
	struct iovec part = { bytes, len };

	return preadv2(fd, &part, 1, (off_t)offset, RWF_NOWAIT) == (ssize_t)len;
}
