/*
 * tally: what has been measured.
 *
 * Every call counts once, as answered or by the status of its failure.  Only
 * what was answered, and rightly, has a latency.
 */
#ifndef CLIENT_BENCH_TALLY_H
#define CLIENT_BENCH_TALLY_H

#include "client/bench/histogram.h"

#include <reverse.h>

enum { TALLY_STATUSES = STATUS_UNAUTHENTICATED + 1 };

/* Zeroed it is empty. */
struct tally {
	uint64_t calls; /* that ended */
	uint64_t failures;
	uint64_t failed[TALLY_STATUSES]; /* by status; of STATUS_OK none */
	uint64_t unmade;                 /* planned, and never begun */
	uint64_t begin_ns;
	uint64_t end_ns; /* of the last call */
	struct histogram latency;
};

/* A call has ended then, with that status; its latency is in nanoseconds. */
void tally_add(struct tally *tally, status_code status, uint64_t now_ns,
    uint64_t latency_ns);

/* Calls answered in a thousand seconds. */
uint64_t tally_rate(const struct tally *tally);

#endif
