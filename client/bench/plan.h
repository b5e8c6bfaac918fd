/*
 * plan: when each call is to begin.
 *
 * With a rate the times stand from the start: call number n begins n / rate
 * seconds after it, whatever became of the calls before.  Where a call can only
 * be made later, its latency counts from the time that was planned, or a server
 * that stops for a moment would be asked less just then, and seem faster than
 * it is.  Without a rate a call begins as soon as it can be made.
 *
 * There is no clock in it: times are nanoseconds of base/clock.
 */
#ifndef CLIENT_BENCH_PLAN_H
#define CLIENT_BENCH_PLAN_H

#include <stdbool.h>
#include <stdint.h>

/* No end. */
#define PLAN_FOREVER UINT64_MAX

struct plan {
	uint64_t begin_ns;
	uint64_t end_ns; /* no call begins then or later; PLAN_FOREVER */
	uint64_t count;  /* of the calls; PLAN_FOREVER */
	uint32_t rate;   /* calls a second; 0: none */
	uint64_t taken;  /* calls so far */
};

/* Takes the next call, if it is time for one; *start_ns becomes when it was to
 * begin. */
bool plan_take(struct plan *plan, uint64_t now_ns, uint64_t *start_ns);

/* When the next call is to begin, which may be over; PLAN_FOREVER: there is
 * none. */
uint64_t plan_next(const struct plan *plan);

/* Whether no call will begin any more. */
bool plan_is_over(const struct plan *plan, uint64_t now_ns);

/* Calls that were to begin before that time, and were not taken. */
uint64_t plan_left(const struct plan *plan, uint64_t now_ns);

#endif
