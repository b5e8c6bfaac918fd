/* server/spool/spool: real files and real threads. */
#include "server/spool/spool.h"

#include "base/base.h"
#include "base/clock.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
/* Needs the headers above. */
#include <cmocka.h>

#define BLOCK 100000

struct fixture {
	struct spool *spool;
	struct disk *disk;
	int woken;                /* an eventfd: jobs are done */
	unsigned int descriptors; /* open without a spool */
	char directory[64];
};

struct work {
	struct disk_job job;
	bool done;
	struct disk *closes; /* the file, when the job is done */
};

/* Takes the place of base/clock: the log counts the lines of a second. */
static uint64_t clock_ms = 5000;

uint64_t
clock_now_ms(void)
{
	return clock_ms;
}

/* How slow the disk is; and how many writes have to be under way at once
 * before any of them goes on. */
static atomic_uint disk_ms, disk_meets, disk_writes;

/* Takes the place of the C library's. */
ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
	unsigned int meets = disk_meets;

	if (disk_ms > 0)
		poll(NULL, 0, (int)disk_ms);
	if (meets > 0) {
		disk_writes++;
		for (int i = 0; i < 20000 && disk_writes < meets; i++)
			poll(NULL, 0, 1);
		if (disk_writes < meets) {
			errno = EIO;
			return -1;
		}
	}
	if (lseek(fd, offset, SEEK_SET) < 0)
		return -1;
	return write(fd, bytes, len);
}

static void
wake(void *context)
{
	const struct fixture *f = context;
	const uint64_t one = 1;

	if (write(f->woken, &one, sizeof(one)) < 0)
		abort();
}

static void
start_spool(struct fixture *f, unsigned int free_percent)
{
	struct spool_limits limits = {
		.directory = f->directory,
		.free_percent = free_percent,
		.threads = 3,
	};

	assert_int_equal(spool_new(&f->spool, &limits, wake, f), 0);
	f->disk = spool_disk(f->spool);
}

static unsigned int
names_in(const char *directory)
{
	DIR *dir = opendir(directory);
	unsigned int names = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		names++;
	closedir(dir);
	return names - 2;
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->directory, "/tmp/spool-test.XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	log_set_level(LOG_LEVEL_ERROR);
	f->woken = eventfd(0, EFD_CLOEXEC);
	f->descriptors = names_in("/proc/self/fd");
	start_spool(f, 0);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	f->spool = spool_free(f->spool);
	/* A file that is given up is closed. */
	assert_int_equal(names_in("/proc/self/fd"), f->descriptors);
	close(f->woken);
	rmdir(f->directory);
	free(f);
	return 0;
}

static void
on_done(struct disk_job *job)
{
	struct work *w = container_of(job, struct work, job);

	assert_false(w->done);
	w->done = true;
	if (w->closes != NULL)
		w->closes->close(w->closes, job->file);
}

static void
start(struct fixture *f, struct work *w, struct disk_file *file,
    enum disk_operation operation, void *buffer, uint64_t offset)
{
	*w = (struct work){ .job = {
				.operation = operation,
				.file = file,
				.buffer = buffer,
				.len = BLOCK,
				.offset = offset,
				.backward = true,
				.result = 1,
				.done = on_done,
			    } };
	f->disk->start(f->disk, &w->job);
	assert_false(w->done);
}

static int
finish(struct fixture *f, struct work *w)
{
	struct pollfd ready = { f->woken, POLLIN, 0 };
	uint64_t count;

	while (!w->done) {
		assert_int_equal(poll(&ready, 1, 100000), 1);
		assert_true(read(f->woken, &count, sizeof(count)) > 0);
		f->disk->poll(f->disk);
	}
	return w->job.result;
}

static int
write_block(
    struct fixture *f, struct disk_file *file, int value, uint64_t offset)
{
	static char block[BLOCK];
	struct work w;

	memset(block, value, sizeof(block));
	start(f, &w, file, DISK_WRITE, block, offset);
	return finish(f, &w);
}

static int
read_block(
    struct fixture *f, struct disk_file *file, char *block, uint64_t offset)
{
	struct work w;

	start(f, &w, file, DISK_READ, block, offset);
	return finish(f, &w);
}

static void
spool_gives_back_what_was_written(void **state)
{
	struct fixture *f = *state;
	struct disk_file *file;
	char block[BLOCK];

	assert_int_equal(f->disk->open(f->disk, &file), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(
		    write_block(f, file, i, (uint64_t)i * BLOCK), 0);
	assert_int_equal(names_in(f->directory), 0);
	for (int i = 4; i >= 0; i--) {
		assert_int_equal(
		    read_block(f, file, block, (uint64_t)i * BLOCK), 0);
		assert_int_equal(block[0], i);
		assert_int_equal(block[BLOCK - 1], i);
	}
	assert_int_equal(read_block(f, file, block, 5 * BLOCK), -EIO);
	f->disk->close(f->disk, file);
}

static void
spool_works_on_many_files_at_once(void **state)
{
	static char block[8][BLOCK];
	struct fixture *f = *state;
	struct disk_file *file[8];
	struct work w[8];

	for (int i = 0; i < 8; i++) {
		assert_int_equal(f->disk->open(f->disk, &file[i]), 0);
		memset(block[i], i, BLOCK);
		start(f, &w[i], file[i], DISK_WRITE, block[i], 0);
	}
	for (int i = 0; i < 8; i++)
		assert_int_equal(finish(f, &w[i]), 0);
	for (int i = 0; i < 8; i++)
		start(f, &w[i], file[i], DISK_READ, block[7 - i], 0);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(finish(f, &w[i]), 0);
		assert_int_equal(block[7 - i][BLOCK / 2], i);
		f->disk->close(f->disk, file[i]);
	}
}

static void
spool_leaves_a_part_of_the_disk_free(void **state)
{
	struct fixture *f = *state;
	struct disk_file *file;

	spool_free(f->spool);
	start_spool(f, 100);
	assert_int_equal(f->disk->open(f->disk, &file), 0);
	assert_int_equal(write_block(f, file, 1, 0), -ENOSPC);
	f->disk->close(f->disk, file);
}

static void
spool_says_that_its_directory_is_missing(void **state)
{
	struct fixture *f = *state;
	struct disk_file *file;

	assert_int_equal(rmdir(f->directory), 0);
	assert_int_equal(f->disk->open(f->disk, &file), 0);
	assert_int_equal(write_block(f, file, 1, 0), -ENOENT);
	f->disk->close(f->disk, file);
}

/* Lines of the log with this text. */
static unsigned int
lines_in(FILE *log, const char *text)
{
	unsigned int count = 0;
	char line[512];

	rewind(log);
	while (fgets(line, sizeof(line), log) != NULL)
		count += strstr(line, text) != NULL;
	return count;
}

static void
fail_writes(struct fixture *f, struct disk_file *file, int count)
{
	for (int i = 0; i < count; i++)
		assert_int_equal(write_block(f, file, 1, 0), -ENOENT);
}

/* Ten lines in a second, and how many more there would have been: with the
 * first line of a later one, or in the end. */
static void
spool_does_not_fill_the_log(void **state)
{
	struct fixture *f = *state;
	struct disk_file *file;
	FILE *log = tmpfile();
	int standard_error = dup(STDERR_FILENO);

	assert_non_null(log);
	assert_int_equal(rmdir(f->directory), 0);
	assert_int_equal(f->disk->open(f->disk, &file), 0);
	dup2(fileno(log), STDERR_FILENO);
	log_set_level(LOG_LEVEL_WARN);
	fail_writes(f, file, 100);
	clock_ms += 1000;
	fail_writes(f, file, 15);
	f->disk->close(f->disk, file);
	f->spool = spool_free(f->spool);
	log_set_level(LOG_LEVEL_ERROR);
	dup2(standard_error, STDERR_FILENO);
	close(standard_error);
	assert_int_equal(lines_in(log, "spool failed"), 2 * LOG_LIMIT_LINES);
	assert_int_equal(lines_in(log, "suppressed count=90"), 1);
	assert_int_equal(lines_in(log, "suppressed count=5"), 1);
	assert_int_equal(lines_in(log, ""), 2 * LOG_LIMIT_LINES + 2);
	fclose(log);
}

static void
spool_reports_every_job_before_it_goes(void **state)
{
	static char block[BLOCK];
	struct fixture *f = *state;
	struct disk_file *file;
	struct work w;

	assert_int_equal(f->disk->open(f->disk, &file), 0);
	start(f, &w, file, DISK_WRITE, block, 0);
	w.closes = f->disk;
	f->spool = spool_free(f->spool);
	assert_true(w.done);
	assert_true(w.job.result == 0 || w.job.result == -ECANCELED);
}

/* Forty jobs at most, of which the disk is asked for few. */
static void
spool_begins_no_job_when_it_goes(void **state)
{
	static char block[BLOCK];
	struct fixture *f = *state;
	struct disk_file *file;
	struct work w[40];
	unsigned int cancelled = 0;

	f->spool = spool_free(f->spool);
	start_spool(f, 0);
	disk_ms = 1000;
	for (size_t i = 0; i < ARRAY_LEN(w); i++) {
		assert_int_equal(f->disk->open(f->disk, &file), 0);
		start(f, &w[i], file, DISK_WRITE, block, 0);
		w[i].closes = f->disk;
	}
	f->spool = spool_free(f->spool);
	disk_ms = 0;
	for (size_t i = 0; i < ARRAY_LEN(w); i++) {
		assert_true(w[i].done);
		if (w[i].job.result == 0)
			continue;
		assert_int_equal(w[i].job.result, -ECANCELED);
		cancelled++;
	}
	assert_true(cancelled > ARRAY_LEN(w) / 2);
}

/* Each of the three threads has one of them, however fast they come. */
static void
spool_keeps_no_job_behind_a_slow_one(void **state)
{
	static char block[BLOCK];
	struct fixture *f = *state;
	struct disk_file *file[3];
	struct work w[3];

	for (size_t i = 0; i < ARRAY_LEN(file); i++)
		assert_int_equal(f->disk->open(f->disk, &file[i]), 0);
	start(f, &w[0], file[0], DISK_WRITE, block, 0);
	assert_int_equal(finish(f, &w[0]), 0);
	/* Only a thread that is idle again could be counted on twice. */
	poll(NULL, 0, 10);
	disk_meets = ARRAY_LEN(file);
	for (size_t i = 0; i < ARRAY_LEN(file); i++)
		start(f, &w[i], file[i], DISK_WRITE, block, BLOCK);
	for (size_t i = 0; i < ARRAY_LEN(file); i++) {
		assert_int_equal(finish(f, &w[i]), 0);
		f->disk->close(f->disk, file[i]);
	}
	disk_meets = 0;
}

#define FACT(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(spool_gives_back_what_was_written),
		FACT(spool_works_on_many_files_at_once),
		FACT(spool_leaves_a_part_of_the_disk_free),
		FACT(spool_says_that_its_directory_is_missing),
		FACT(spool_does_not_fill_the_log),
		FACT(spool_reports_every_job_before_it_goes),
		FACT(spool_begins_no_job_when_it_goes),
		FACT(spool_keeps_no_job_behind_a_slow_one),
	};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
