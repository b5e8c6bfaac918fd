/*
 * A disk in memory, with delays and failures, on the time of a simulation.
 */
#ifndef TEST_LIB_FAKE_DISK_H
#define TEST_LIB_FAKE_DISK_H

#include "stream/server/disk.h"
#include "test/lib/random.h"

#include <sys/queue.h>

struct fake_job;

struct fake_disk {
	struct disk disk;
	struct rng *rng;
	uint64_t now;
	uint32_t slowest;   /* ms that a job may take */
	uint32_t failing;   /* once in so many jobs; 0 = never */
	uint32_t cached;    /* once in so many reads; 0 = never */
	int error;          /* the errno then; 0 = that of a bad disk */
	bool failed;        /* some job did */
	unsigned int files; /* open now */
	unsigned int jobs;  /* running now */
	bool used;          /* some job was started */
	TAILQ_HEAD(, fake_job) running;
};

void fake_disk_init(struct fake_disk *fake, struct rng *rng);

/* When the next job will be done, or UINT64_MAX. */
uint64_t fake_disk_due(const struct fake_disk *fake);

#endif
