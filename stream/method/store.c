#include "stream/method/store.h"

#include "base/base.h"
#include "base/block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void
release(struct store *store)
{
	if (store->file != NULL)
		store->disk->close(store->disk, store->file);
	charge_release(&store->spool);
	charge_release(&store->after);
	block_free(store->held, store->held_size);
	free(store->buffer);
	free(store);
}

/* Bytes on their way to the disk. */
static size_t
writing(const struct store *store)
{
	return store->busy && store->job.operation == DISK_WRITE
	    ? store->job.len
	    : 0;
}

/* Bytes that cannot be given back before the job is done. */
static size_t
used_by_job(const struct store *store)
{
	return sizeof(*store) + writing(store) + store_memory_out(store);
}

static void
job_done(struct disk_job *job)
{
	struct store *store = container_of(job, struct store, job);

	store->busy = false;
	if (job->operation == DISK_WRITE)
		block_free(job->buffer, store->writing_size);
	if (store->done == NULL) {
		release(store);
		return;
	}
	store->error = job->result;
	store->done(store->owner);
}

struct store *
store_new(struct disk *disk, struct account *peer, size_t block_size)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->disk = disk;
	store->block_size = block_size;
	store->job.done = job_done;
	charge_take(&store->spool, peer, CHARGE_SPOOL, 0);
	return store;
}

struct store *
store_free(struct store *store)
{
	if (store == NULL)
		return NULL;
	if (!store->busy) {
		release(store);
		return NULL;
	}
	store->done = NULL;
	block_free(store->held, store->held_size);
	store->held = NULL;
	store->held_size = 0;
	charge_take(&store->after, store->spool.account, CHARGE_BYTES,
	    used_by_job(store));
	return NULL;
}

int
store_add(struct store *store, const void *bytes, size_t len, size_t max)
{
	size_t kept = store_kept(store), need = store->held_len + len;
	size_t size, size_max = max - writing(store);
	uint8_t *held;

	if (kept > max || len > max - kept)
		return -ENOMEM;
	if (need > store->held_size) {
		size = MAX_OF(store->held_size * 2, need);
		size = MIN_OF(size, size_max);
		held = block_resize(
		    store->held, store->held_size, &size, size_max);
		if (held == NULL)
			return -ENOMEM;
		store->held = held;
		store->held_size = MIN_OF(size, size_max);
	}
	if (len > 0)
		memcpy(store->held + store->held_len, bytes, len);
	store->held_len = need;
	return 0;
}

int
store_spool(struct store *store)
{
	return store->disk->open(store->disk, &store->file);
}

static void
prepare(struct store *store, enum disk_operation operation, uint64_t offset,
    size_t len)
{
	store->job.operation = operation;
	store->job.file = store->file;
	store->job.offset = offset;
	store->job.len = len;
}

static void
start(struct store *store)
{
	store->busy = true;
	store->disk->start(store->disk, &store->job);
}

void
store_write(struct store *store, size_t least)
{
	size_t len = store->held_len, size = len;
	uint8_t *exact;

	if (store->file == NULL || store->busy || store->error != 0 ||
	    len == 0 || len < least)
		return;
	if (!account_may_hold(store->spool.account, CHARGE_SPOOL, len)) {
		store->error = -ENOSPC;
		return;
	}
	charge_set(&store->spool, store->spool.amount + len);
	exact = block_resize(store->held, store->held_size, &size, 0);
	store->job.buffer = exact != NULL ? exact : store->held;
	store->writing_size = exact != NULL ? size : store->held_size;
	store->held = NULL;
	store->held_len = 0;
	store->held_size = 0;
	prepare(store, DISK_WRITE, store->written, len);
	start(store);
	store->written += len;
}

size_t
store_kept(const struct store *store)
{
	return store->held_len + writing(store);
}

int
store_fetch(struct store *store, uint64_t offset, size_t len, bool backward)
{
	if (store->file == NULL) {
		store->block = store->held + offset;
		return 0;
	}
	if (store->buffer == NULL)
		store->buffer = malloc(store->block_size);
	if (store->buffer == NULL)
		return -ENOMEM;
	store->block = store->buffer;
	store->job.buffer = store->buffer;
	store->job.backward = backward;
	prepare(store, DISK_READ, offset, len);
	if (store->disk->read_now(store->disk, &store->job))
		return 0;
	start(store);
	return STORE_LATER;
}

size_t
store_memory_in(const struct store *store)
{
	return store->held_size + writing(store);
}

size_t
store_memory_out(const struct store *store)
{
	return store->buffer != NULL ? store->block_size : 0;
}
