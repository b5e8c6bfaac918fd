/*
 * spool - the disk of WHOLE streams: unnamed files, and threads that use them
 *
 * Threads are started when there is work for them, and do everything that may
 * wait for a disk: creating, writing, reading, giving up.  When jobs are done
 * the owner is woken, and they are reported on the thread that polls.
 *
 * Files have no name and vanish with the process.
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

/*
 * Touches no disk.  wake is called when poll has work, from any thread and with
 * a lock held: it may not call the spool.  Returns 0 or -ENOMEM.
 */
int spool_new(struct spool **out, const struct spool_limits *limits,
    void (*wake)(void *context), void *context);

/*
 * Reports all jobs: those that threads are busy with when they are done, which
 * takes as long as the disk does, the others as -ECANCELED.  All files without
 * a job must have been closed.  Accepts NULL and returns it.
 */
struct spool *spool_free(struct spool *spool);

/* The disk, for streams_new(). */
struct disk *spool_disk(struct spool *spool);

#endif
