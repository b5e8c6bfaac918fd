/*
 * report: what was measured, for people, as JSON, and as a picture.
 */
#ifndef CLIENT_BENCH_REPORT_H
#define CLIENT_BENCH_REPORT_H

#include "client/bench/bench.h"

struct bench_report {
	const struct session *session;
	const struct bench_options *options;
	const struct bench_target *target;
	const struct tally *tally;
};

/* Writes it to the output of the session: within 80 columns, or as one JSON
 * object if the settings say so. */
void report_print(const struct bench_report *report);

/* How many values are at most so many nanoseconds, and more than in the row
 * before. */
struct report_row {
	uint64_t up_to_ns;
	uint64_t count;
};

/* Rows from 1 us to more than 2^64 ns, three for each power of ten. */
enum { REPORT_ROWS = 50 };

/* The histogram in few rows, from the first to the last that is not empty; they
 * end at 1, 2 or 5 times a power of ten.  Returns how many rows there are. */
size_t report_rows(
    const struct histogram *histogram, struct report_row rows[REPORT_ROWS]);

#endif
