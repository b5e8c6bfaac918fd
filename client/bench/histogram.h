/*
 * histogram: how often each latency came, in memory that does not grow.
 *
 * Between a power of two and the next there are 128 buckets of equal width, so
 * a value is known to within a 128th of it, however small or large; those below
 * 128 and the largest are exact.
 */
#ifndef CLIENT_BENCH_HISTOGRAM_H
#define CLIENT_BENCH_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HISTOGRAM_STEP_BITS = 7,
	HISTOGRAM_STEPS = 1 << HISTOGRAM_STEP_BITS,
	HISTOGRAM_BUCKETS = (64 - HISTOGRAM_STEP_BITS + 1) * HISTOGRAM_STEPS,
};

/* Zeroed it is empty. */
struct histogram {
	uint64_t count;
	uint64_t max; /* 0 when it is empty */
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t value);

/* What that many thousandths of the values are at most; 0 when it is empty. */
uint64_t histogram_percentile(
    const struct histogram *histogram, unsigned int thousandths);

/* The values of one bucket. */
struct histogram_bar {
	uint64_t value; /* the largest that it may have, or that there is */
	uint64_t count; /* not 0 */
};

/* The next bucket that is not empty, from *at on, which begins as 0; false:
 * there is none. */
bool histogram_next(
    const struct histogram *histogram, size_t *at, struct histogram_bar *bar);

#endif
