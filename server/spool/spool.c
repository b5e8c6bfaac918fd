#include "server/spool/spool.h"

#include "base/base.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "server/spool/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

/* The kernel does not read ahead backward by itself. */
#define READ_AHEAD (2 * 1024 * 1024)

/* A file is in one queue at most, with the one thing to be done with it. */
struct disk_file {
	int fd;               /* -1: not made yet */
	struct disk_job *job; /* NULL: to be given up */
	STAILQ_ENTRY(disk_file) link;
};
STAILQ_HEAD(file_queue, disk_file);

const struct spool_limits spool_default_limits = {
	.free_percent = 5,
	.threads = 4,
};

struct spool {
	struct disk disk;
	struct spool_limits limits;
	void (*wake)(void *context);
	void *context;

	/* The caller's thread only. */
	unsigned int unreported;   /* jobs started */
	struct log_limit failures; /* a full disk fails all of them */

	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t work;  /* there is some */
	pthread_cond_t done;  /* some was finished */
	struct file_queue waiting;
	struct file_queue finished;
	pthread_t *threads;
	unsigned int thread_count;
	unsigned int idle;
	unsigned int queued; /* files in waiting */
	bool ending;         /* no job is begun any more */
	bool stopping;
};

static int
run_write(struct spool *spool, struct disk_file *file)
{
	const struct disk_job *job = file->job;
	int r;

	if (file->fd < 0) {
		r = file_make(spool->limits.directory);
		if (r < 0)
			return r;
		file->fd = r;
	}
	r = file_check_room(file->fd, spool->limits.free_percent, job->len);
	if (r != 0)
		return r;
	return file_write(file->fd, job->buffer, job->len, job->offset);
}

static int
run_read(struct disk_file *file)
{
	const struct disk_job *job = file->job;
	uint64_t ahead = MIN_OF((uint64_t)READ_AHEAD, job->offset);

	if (job->backward && ahead > 0)
		posix_fadvise(file->fd, (off_t)(job->offset - ahead),
		    (off_t)ahead, POSIX_FADV_WILLNEED);
	return file_read(file->fd, job->buffer, job->len, job->offset);
}

static void
give_up(struct disk_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

/* Called with the lock held. */
static void
report(struct spool *spool, struct disk_file *file)
{
	bool first = STAILQ_EMPTY(&spool->finished);

	STAILQ_INSERT_TAIL(&spool->finished, file, link);
	pthread_cond_signal(&spool->done);
	if (first)
		spool->wake(spool->context);
}

static void
run(struct spool *spool, struct disk_file *file, bool late)
{
	if (file->job == NULL) {
		give_up(file);
		return;
	}
	if (late)
		file->job->result = -ECANCELED;
	else if (file->job->operation == DISK_WRITE)
		file->job->result = run_write(spool, file);
	else
		file->job->result = run_read(file);
	pthread_mutex_lock(&spool->lock);
	report(spool, file);
	pthread_mutex_unlock(&spool->lock);
}

static void *
work(void *arg)
{
	struct spool *spool = arg;
	struct disk_file *file;
	bool late;

	pthread_mutex_lock(&spool->lock);
	while (true) {
		file = STAILQ_FIRST(&spool->waiting);
		if (file == NULL && spool->stopping)
			break;
		if (file == NULL) {
			spool->idle++;
			pthread_cond_wait(&spool->work, &spool->lock);
			spool->idle--;
			continue;
		}
		STAILQ_REMOVE_HEAD(&spool->waiting, link);
		spool->queued--;
		late = spool->ending;
		pthread_mutex_unlock(&spool->lock);
		run(spool, file, late);
		pthread_mutex_lock(&spool->lock);
	}
	pthread_mutex_unlock(&spool->lock);
	return NULL;
}

/* Called with the lock held.  Returns whether there is any thread. */
static bool
add_thread(struct spool *spool)
{
	/* An idle one may have been woken for another file already. */
	if (spool->idle > spool->queued ||
	    spool->thread_count == spool->limits.threads)
		return true;
	if (thread_start(&spool->threads[spool->thread_count], work, spool) ==
	    0)
		spool->thread_count++;
	return spool->thread_count > 0;
}

/* Hands the file to a thread.  Returns false when there is none. */
static bool
hand_over(struct spool *spool, struct disk_file *file)
{
	bool done;

	pthread_mutex_lock(&spool->lock);
	done = add_thread(spool);
	if (done) {
		STAILQ_INSERT_TAIL(&spool->waiting, file, link);
		spool->queued++;
		pthread_cond_signal(&spool->work);
	}
	pthread_mutex_unlock(&spool->lock);
	return done;
}

static int
spool_open(struct disk *disk, struct disk_file **out)
{
	struct disk_file *file = calloc(1, sizeof(*file));

	(void)disk;
	if (file == NULL)
		return -ENOMEM;
	file->fd = -1;
	*out = file;
	return 0;
}

static void
spool_start(struct disk *disk, struct disk_job *job)
{
	struct spool *spool = container_of(disk, struct spool, disk);

	job->file->job = job;
	spool->unreported++;
	if (hand_over(spool, job->file))
		return;
	job->result = -EAGAIN;
	pthread_mutex_lock(&spool->lock);
	report(spool, job->file);
	pthread_mutex_unlock(&spool->lock);
}

static bool
spool_read_now(struct disk *disk, const struct disk_job *job)
{
	(void)disk;
	return file_read_now(job->file->fd, job->buffer, job->len, job->offset);
}

static void
spool_close(struct disk *disk, struct disk_file *file)
{
	struct spool *spool = container_of(disk, struct spool, disk);

	file->job = NULL;
	/* One that was never made costs no time. */
	if (file->fd < 0 || !hand_over(spool, file))
		give_up(file);
}

static void
complain(struct spool *spool, const struct disk_job *job)
{
	if (job->result != 0 && job->result != -ECANCELED)
		log_warn_limited(&spool->failures, clock_now_ms(),
		    "spool failed operation=%s: %s",
		    job->operation == DISK_WRITE ? "write" : "read",
		    strerror(-job->result));
}

static void
spool_poll(struct disk *disk)
{
	struct spool *spool = container_of(disk, struct spool, disk);
	struct file_queue finished = STAILQ_HEAD_INITIALIZER(finished);
	struct disk_file *file;
	struct disk_job *job;

	pthread_mutex_lock(&spool->lock);
	STAILQ_CONCAT(&finished, &spool->finished);
	pthread_mutex_unlock(&spool->lock);
	while ((file = STAILQ_FIRST(&finished)) != NULL) {
		STAILQ_REMOVE_HEAD(&finished, link);
		job = file->job;
		spool->unreported--;
		complain(spool, job);
		job->done(job);
	}
}

int
spool_new(struct spool **out, const struct spool_limits *limits,
    void (*wake)(void *context), void *context)
{
	struct spool *spool = calloc(1, sizeof(*spool));

	if (spool == NULL)
		return -ENOMEM;
	spool->limits = *limits;
	spool->wake = wake;
	spool->context = context;
	spool->disk.open = spool_open;
	spool->disk.start = spool_start;
	spool->disk.read_now = spool_read_now;
	spool->disk.close = spool_close;
	spool->disk.poll = spool_poll;
	STAILQ_INIT(&spool->waiting);
	STAILQ_INIT(&spool->finished);
	pthread_mutex_init(&spool->lock, NULL);
	pthread_cond_init(&spool->work, NULL);
	pthread_cond_init(&spool->done, NULL);
	spool->threads = calloc(limits->threads, sizeof(pthread_t));
	if (spool->threads == NULL) {
		spool_free(spool);
		return -ENOMEM;
	}
	*out = spool;
	return 0;
}

static void
await_finished(struct spool *spool)
{
	pthread_mutex_lock(&spool->lock);
	while (STAILQ_EMPTY(&spool->finished))
		pthread_cond_wait(&spool->done, &spool->lock);
	pthread_mutex_unlock(&spool->lock);
}

struct spool *
spool_free(struct spool *spool)
{
	if (spool == NULL)
		return NULL;
	pthread_mutex_lock(&spool->lock);
	spool->ending = true;
	pthread_mutex_unlock(&spool->lock);
	while (spool->unreported > 0) {
		await_finished(spool);
		spool_poll(&spool->disk);
	}
	pthread_mutex_lock(&spool->lock);
	spool->stopping = true;
	pthread_cond_broadcast(&spool->work);
	pthread_mutex_unlock(&spool->lock);
	for (unsigned int i = 0; i < spool->thread_count; i++)
		pthread_join(spool->threads[i], NULL);
	log_limit_tell(&spool->failures);
	pthread_cond_destroy(&spool->work);
	pthread_cond_destroy(&spool->done);
	pthread_mutex_destroy(&spool->lock);
	free(spool->threads);
	free(spool);
	return NULL;
}

struct disk *
spool_disk(struct spool *spool)
{
	return &spool->disk;
}
