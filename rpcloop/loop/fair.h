/*
 * A fair clock: for the time that peers may take, while a loop may be late.
 *
 * A loop that was stopped, or waited for a page, has not read what came
 * meanwhile; a deadline that passed then is not yet its peer's fault.  So this
 * clock leaves out the time by which the loop was late, and half as much again,
 * in which it reads what has come.  It never goes back, and goes on where half
 * of the time is lost for want of a processor.
 */
#ifndef RPCLOOP_LOOP_FAIR_H
#define RPCLOOP_LOOP_FAIR_H

#include <stdint.h>

/* Zeroed is a valid start. */
struct fair {
	uint64_t lost_ms;  /* what it leaves out, in all */
	uint64_t least_ms; /* what it showed when the loop was late last */
};

/* What it shows at a time of base/clock. */
static inline uint64_t
fair_ms(const struct fair *f, uint64_t now_ms)
{
	if (now_ms < f->lost_ms + f->least_ms)
		return f->least_ms;
	return now_ms - f->lost_ms;
}

/*
 * The loop looked at the clock at before_ms, should have done so again at
 * due_ms, and does so at now_ms.  A little late is in time.
 */
void fair_look(
    struct fair *f, uint64_t before_ms, uint64_t due_ms, uint64_t now_ms);

#endif
