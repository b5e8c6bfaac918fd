/*
 * store - the text of a WHOLE: in memory, and when it is long on the disk
 *
 * Text is added at the end, and read back in blocks from anywhere once all of
 * it is there.  It stays in memory until store_spool(); from then on it goes to
 * a file of the disk, a job at a time.
 *
 * A store may be given up while its disk works for it: what the job needs stays
 * until the job is done.
 */
#ifndef STREAM_METHOD_STORE_H
#define STREAM_METHOD_STORE_H

#include "base/charge.h"
#include "stream/server/disk.h"

struct store {
	struct disk *disk;
	/* Set by the owner, who is borrowed.  A job was done: what was to be
	 * fetched is there, or error says why not.  NULL once the store was
	 * given up. */
	void (*done)(void *owner);
	void *owner;

	uint8_t *held; /* not handed to the disk */
	size_t held_len;
	size_t held_size;
	struct disk_file *file; /* NULL while all is held */
	uint64_t written;       /* handed to the disk */
	uint8_t *buffer;        /* for what is read from the disk */
	size_t block_size;
	const uint8_t *block; /* what was fetched last */
	struct disk_job job;
	size_t writing_size; /* of the memory at its buffer, when it writes */
	bool busy;           /* the job runs */
	int error;           /* of a job, a negative errno: the text is lost */

	struct charge spool; /* bytes that were handed to the disk */
	struct charge after; /* memory that a job uses after it was given up;
				what it holds before that is its owner's */
};

/*
 * Makes an empty one, from which at most block_size bytes are fetched at once,
 * and whose bytes on the disk are charged to the peer.  disk is borrowed.  NULL
 * without memory.
 */
struct store *store_new(
    struct disk *disk, struct account *peer, size_t block_size);

/* Gives it up.  Accepts NULL and returns it. */
struct store *store_free(struct store *store);

/*
 * Adds bytes.  Returns 0, or -ENOMEM when there is no memory or store_kept()
 * would be more than max.
 */
int store_add(struct store *store, const void *bytes, size_t len, size_t max);

/* From now on the text goes to the disk.  Returns 0 or -ENOMEM. */
int store_spool(struct store *store);

/*
 * Hands what is held to the disk, when it is at least least bytes, the disk is
 * the place for it and has no other job.  Where the peer may not have as much
 * there, error is -ENOSPC.
 */
void store_write(struct store *store, size_t least);

/* Bytes that are held, or on their way to the disk. */
size_t store_kept(const struct store *store);

/* What store_fetch() returns beside 0. */
enum {
	STORE_LATER = 1, /* done will be called when they are there */
};

/*
 * Fetches len bytes at offset to store->block.  Returns 0 when they are there
 * at once, STORE_LATER or -ENOMEM.  backward: the bytes before them will be
 * wanted next.
 */
int store_fetch(
    struct store *store, uint64_t offset, size_t len, bool backward);

/* Memory in use for the text that comes in, and for reading it back. */
size_t store_memory_in(const struct store *store);
size_t store_memory_out(const struct store *store);

#endif
