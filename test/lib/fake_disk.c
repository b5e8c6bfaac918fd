#include "test/lib/fake_disk.h"

#include "base/base.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct disk_file {
	uint8_t *bytes;
	uint64_t len;
	bool busy;
};

struct fake_job {
	struct disk_job *job;
	uint64_t due;
	TAILQ_ENTRY(fake_job) link;
};

static int
fake_open(struct disk *disk, struct disk_file **out)
{
	struct fake_disk *fake = container_of(disk, struct fake_disk, disk);

	*out = calloc(1, sizeof(**out));
	assert(*out != NULL);
	fake->files++;
	return 0;
}

static void
fake_start(struct disk *disk, struct disk_job *job)
{
	struct fake_disk *fake = container_of(disk, struct fake_disk, disk);
	struct fake_job *running = calloc(1, sizeof(*running));

	assert(running != NULL && !job->file->busy && job->len > 0);
	job->file->busy = true;
	running->job = job;
	running->due = fake->now + rng_below(fake->rng, fake->slowest + 1);
	TAILQ_INSERT_TAIL(&fake->running, running, link);
	fake->jobs++;
	fake->used = true;
}

static bool
fake_read_now(struct disk *disk, const struct disk_job *job)
{
	struct fake_disk *fake = container_of(disk, struct fake_disk, disk);
	const struct disk_file *file = job->file;

	assert(
	    !file->busy && job->len > 0 && job->offset + job->len <= file->len);
	if (!rng_once_in(fake->rng, fake->cached))
		return false;
	memcpy(job->buffer, file->bytes + job->offset, job->len);
	return true;
}

static void
fake_close(struct disk *disk, struct disk_file *file)
{
	struct fake_disk *fake = container_of(disk, struct fake_disk, disk);

	assert(!file->busy);
	free(file->bytes);
	free(file);
	fake->files--;
}

static void
run(struct fake_disk *fake, struct disk_job *job)
{
	struct disk_file *file = job->file;
	uint64_t end = job->offset + job->len;

	if (rng_once_in(fake->rng, fake->failing)) {
		job->result = job->operation == DISK_WRITE ? -ENOSPC : -EIO;
		if (fake->error != 0)
			job->result = -fake->error;
		fake->failed = true;
		return;
	}
	job->result = 0;
	if (job->operation == DISK_READ) {
		assert(end <= file->len);
		memcpy(job->buffer, file->bytes + job->offset, job->len);
		return;
	}
	if (end > file->len) {
		file->bytes = realloc(file->bytes, end);
		assert(file->bytes != NULL);
		file->len = end;
	}
	memcpy(file->bytes + job->offset, job->buffer, job->len);
}

static void
fake_poll(struct disk *disk)
{
	struct fake_disk *fake = container_of(disk, struct fake_disk, disk);
	struct fake_job *running;
	struct disk_job *job;

	do {
		TAILQ_FOREACH(running, &fake->running, link)
			if (running->due <= fake->now)
				break;
		if (running == NULL)
			break;
		job = running->job;
		TAILQ_REMOVE(&fake->running, running, link);
		free(running);
		fake->jobs--;
		run(fake, job);
		job->file->busy = false;
		job->done(job);
	} while (true);
}

void
fake_disk_init(struct fake_disk *fake, struct rng *rng)
{
	memset(fake, 0, sizeof(*fake));
	fake->disk.open = fake_open;
	fake->disk.start = fake_start;
	fake->disk.read_now = fake_read_now;
	fake->disk.close = fake_close;
	fake->disk.poll = fake_poll;
	fake->rng = rng;
	TAILQ_INIT(&fake->running);
}

uint64_t
fake_disk_due(const struct fake_disk *fake)
{
	const struct fake_job *running;
	uint64_t due = UINT64_MAX;

	TAILQ_FOREACH(running, &fake->running, link)
		due = MIN_OF(due, running->due);
	return due;
}
