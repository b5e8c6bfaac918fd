/*
 * The alarm of a loop: one timerfd, set to the first of many timers.
 *
 * It is readable when a timer is due, and perhaps when none is: it is set again
 * only when a timer comes that is due earlier, since each setting is a system
 * call.
 */
#ifndef RPCLOOP_LOOP_ALARM_H
#define RPCLOOP_LOOP_ALARM_H

#include "base/timers.h"

#include <stddef.h>
#include <stdint.h>

struct alarm {
	int fd;
	struct timers timers;
	size_t owners;     /* of timers, for which there is room */
	uint64_t armed_ms; /* what it is set to; TIMER_NEVER: nothing */
};

/* Returns 0 or a negative errno; alarm_deinit() either way. */
int alarm_init(struct alarm *alarm);

/* May be called twice. */
void alarm_deinit(struct alarm *alarm);

/* Makes room for one timer more.  Returns 0 or -ENOMEM. */
int alarm_reserve(struct alarm *alarm);

/* One timer less. */
void alarm_release(struct alarm *alarm);

/* Sets it for the first of the timers, unless it wakes in time as it is. */
void alarm_arm(struct alarm *alarm);

/* It is readable: silences it. */
void alarm_fired(struct alarm *alarm);

/* Takes out and returns a timer that is due; NULL when none is. */
struct timer *alarm_take_due(struct alarm *alarm, uint64_t now_ms);

#endif
