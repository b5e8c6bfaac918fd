/*
 * keep: what was read from an input that cannot be read again, in a file of
 * $TMPDIR, or of /tmp, that has no name and goes with the program.
 *
 * It is made with the first bytes.  After a failure, a full disk say, nothing
 * is kept any more, and what was is given back.  SIGXFSZ has to be ignored, so
 * that a file that may not grow is such a failure.
 */
#ifndef CLIENT_DRIVER_KEEP_H
#define CLIENT_DRIVER_KEEP_H

#include <stddef.h>
#include <stdint.h>

struct keep {
	int fd;            /* -1: none yet, or not any more */
	uint64_t len;      /* bytes appended */
	uint64_t released; /* those below were given back to the disk */
	int error;         /* what failed first, a positive errno; or 0 */
};

void keep_init(struct keep *keep);

/* Gives back all.  May be called twice. */
void keep_deinit(struct keep *keep);

/* Adds bytes.  Returns 0, also when nothing is kept any more, or the negative
 * errno of the failure since which that is so. */
int keep_append(struct keep *keep, const void *bytes, size_t len);

/*
 * Reads at most room bytes from an offset.  Returns 0 with *len of them, 0 at
 * the end; or a negative errno: they are not kept.
 */
int keep_read(const struct keep *keep, uint64_t offset, void *bytes,
    size_t room, size_t *len);

/* What is below the offset will not be read any more; the disk gets it back
 * where there is enough of it, and the file system can. */
void keep_release_below(struct keep *keep, uint64_t offset);

/* Why nothing is kept any more, a positive errno; or 0. */
static inline int
keep_failed(const struct keep *keep)
{
	return keep->error;
}

#endif
