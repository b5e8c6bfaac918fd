/*
 * timers - which of many things is due first
 *
 * A binary heap of timers that are embedded in their owners.  Setting one
 * never fails: room is made when the owner is made, by timers_reserve().
 * Times are milliseconds of a monotonic clock.
 */
#ifndef BASE_TIMERS_H
#define BASE_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#define TIMER_NEVER UINT64_MAX

struct timer {
	uint64_t due; /* TIMER_NEVER = not set */
	size_t slot;  /* its place in the heap while it is set */
};

struct timers {
	struct timer **heap;
	size_t count;
	size_t room;
};

void timers_init(struct timers *timers);
void timers_deinit(struct timers *timers);

/* Makes room for owners timers in all.  Returns 0 or -ENOMEM. */
int timers_reserve(struct timers *timers, size_t owners);

void timer_init(struct timer *timer);

/* Sets, moves or (TIMER_NEVER) stops a timer. */
void timers_set(struct timers *timers, struct timer *timer, uint64_t due);

/* The timer that is due first, or NULL. */
struct timer *timers_first(const struct timers *timers);

#endif
