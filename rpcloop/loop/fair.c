#include "rpcloop/loop/fair.h"

/* More than a turn takes, and less than peers are given for anything. */
enum { LATE_MS = 100 };

void
fair_look(struct fair *f, uint64_t before_ms, uint64_t due_ms, uint64_t now_ms)
{
	uint64_t late = now_ms > due_ms ? now_ms - due_ms : 0;

	if (late < LATE_MS)
		return;
	f->least_ms = fair_ms(f, before_ms);
	f->lost_ms += late + late / 2;
}
