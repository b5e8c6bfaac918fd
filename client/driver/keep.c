#include "client/driver/keep.h"

#include "base/base.h"
#include "base/unnamed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* What is given back at a time, at least, and where it ends. */
#define RELEASE_STEP ((uint64_t)1024 * 1024)

void
keep_init(struct keep *keep)
{
	*keep = (struct keep){ .fd = -1 };
}

void
keep_deinit(struct keep *keep)
{
	if (keep->fd >= 0)
		close(keep->fd);
	keep->fd = -1;
}

/* The descriptor or a negative errno. */
static int
make_file(void)
{
	const char *folder = getenv("TMPDIR");

	if (folder == NULL || folder[0] == '\0')
		folder = "/tmp";
	return unnamed_make(folder, "reverse");
}

int
keep_append(struct keep *keep, const void *bytes, size_t len)
{
	int r = 0;

	if (keep->error != 0 || len == 0)
		return 0;
	if (keep->fd < 0)
		r = keep->fd = make_file();
	if (r >= 0)
		r = unnamed_write(keep->fd, bytes, len, keep->len);
	keep->len += len;
	if (r < 0) {
		keep->error = -r;
		keep_deinit(keep);
	}
	return r;
}

int
keep_read(const struct keep *keep, uint64_t offset, void *bytes, size_t room,
    size_t *len)
{
	ssize_t n;

	*len = 0;
	if (keep->error != 0)
		return -keep->error;
	if (offset < keep->released)
		return -ENODATA;
	if (offset >= keep->len)
		return 0;
	do
		n = pread(keep->fd, bytes,
		    (size_t)MIN_OF((uint64_t)room, keep->len - offset),
		    (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : -EIO;
	*len = (size_t)n;
	return 0;
}

void
keep_release_below(struct keep *keep, uint64_t offset)
{
	uint64_t from = keep->released;
	uint64_t to = MIN_OF(offset, keep->len) / RELEASE_STEP * RELEASE_STEP;

	if (to <= from)
		return;
	keep->released = to;
	/* Where it cannot be given back now it is when the file goes. */
	fallocate(keep->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	    (off_t)from, (off_t)(to - from));
}
