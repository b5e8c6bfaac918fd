/*
 * streams - EACH, COLLECT and SPELL by a raw client that keeps the rules of
 * reverse.x: it sends what fits the server's window and no more, and goes back
 * to what was not taken.
 */
#ifndef TEST_BENCH_STREAMS_H
#define TEST_BENCH_STREAMS_H

#include "test/bench/measure.h"

/* Until the time of the load is over; the meter has been started. */
void streams_run(const struct load *load, struct meter *meter);

#endif
