/*
 * disk - files without names, written and read while the caller goes on
 *
 * What a WHOLE stream sees of the disk.  A job is started and reported later,
 * from poll(), on the caller's thread; a file has at most one job at a
 * time.  server/spool/spool.h is the real one, on threads; tests have one in
 * memory, test/lib/fake_disk.h.
 */
#ifndef STREAM_SERVER_DISK_H
#define STREAM_SERVER_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct disk;
struct disk_file;

enum disk_operation {
	DISK_WRITE,
	DISK_READ,
};

/*
 * A job.  The job and its buffer belong to the disk from start() until done is
 * called, which never happens inside start().
 */
struct disk_job {
	enum disk_operation operation;
	struct disk_file *file;
	void *buffer;
	size_t len;
	uint64_t offset;
	/* The reader will want the len bytes before offset next. */
	bool backward;
	/*
	 * 0, or a negative errno: -ENOSPC when the disk or the share of it
	 * that may be used is full.  A read that comes short is -EIO.
	 * -ECANCELED: the disk was given up before it began.
	 */
	int result;
	void (*done)(struct disk_job *job);
};

struct disk {
	/* A file; made on the disk by its first write.  0 or -ENOMEM. */
	int (*open)(struct disk *disk, struct disk_file **out);
	void (*start)(struct disk *disk, struct disk_job *job);
	/*
	 * A read that needs not wait for the disk, because what it reads is in
	 * memory.  Returns whether all of it was read: then there is no job.
	 */
	bool (*read_now)(struct disk *disk, const struct disk_job *job);
	/*
	 * Gives the file and its space up.  No job of the file may be
	 * running.
	 */
	void (*close)(struct disk *disk, struct disk_file *file);
	/* Calls done for each job that has been finished. */
	void (*poll)(struct disk *disk);
};

#endif
