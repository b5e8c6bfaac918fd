#include "base/unnamed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int
make_named(const char *folder, const char *prefix)
{
	char *name;
	int fd;

	if (asprintf(&name, "%s/%s.XXXXXX", folder, prefix) < 0)
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
unnamed_make(const char *folder, const char *prefix)
{
	int fd = open(folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	/* What kernels and file systems without O_TMPFILE say. */
	if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)
		return make_named(folder, prefix);
	return -errno;
}

int
unnamed_write(int fd, const char *bytes, size_t len, uint64_t offset)
{
	ssize_t n;

	while (len > 0) {
		n = pwrite(fd, bytes, len, (off_t)offset);
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
