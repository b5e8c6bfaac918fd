/*
 * spool - the disk of WHOLE streams: unnamed files, and threads that use them
 *
 * Threads are started when there is work for them, and do everything that may
 * wait for a disk: creating, writing, reading, giving up.  A job that is done
 * makes a descriptor readable, and is reported on the thread that polls.
 *
 * Files have no name and vanish with the process: O_TMPFILE where the file
 * system has it, else a file that is unlinked at once.
 */
#ifndef SERVER_SPOOL_SPOOL_H
#define SERVER_SPOOL_SPOOL_H

#include "stream/server/disk.h"

struct spool_limits {
	const char *directory;     /* borrowed */
	unsigned int free_percent; /* of the file system, never used */
	unsigned int threads;
};

/* The defaults of the project, but for a directory. */
extern const struct spool_limits spool_default_limits;

struct spool;

/* Returns 0 or a negative errno.  Touches no disk. */
int spool_new(struct spool **out, const struct spool_limits *limits);

/*
 * Reports all jobs: those that threads are busy with when they are done, which
 * takes as long as the disk does, the others as -ECANCELED.  All files without
 * a job must have been closed.  Accepts NULL and returns it.
 */
struct spool *spool_free(struct spool *spool);

/* The disk, for streams_new(); and what is readable when poll has work. */
struct disk *spool_disk(struct spool *spool);
int spool_fd(const struct spool *spool);

#endif
