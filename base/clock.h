/*
 * Time that never jumps, and the date.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC: only differences mean anything. */
uint64_t clock_now_ms(void);

struct clock_date {
	unsigned int year, month, day; /* from 1 on, the last two */
	unsigned int hour, minute, second;
};

/*
 * The date in UTC, of seconds since 1970.  Unlike gmtime(3) it may be called
 * by a signal handler.
 */
void clock_date(struct clock_date *out, uint64_t seconds);

#endif
