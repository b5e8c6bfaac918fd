#include "server/spool/file.h"

#include "base/unnamed.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

_Static_assert(sizeof(off_t) >= 8, "a spool may have more than 2 GiB");

int
file_make(const char *directory)
{
	return unnamed_make(directory, "reversed");
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
	int r = unnamed_write(fd, bytes, len, offset);

	return r == -EDQUOT ? -ENOSPC : r;
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
