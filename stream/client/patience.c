#include "stream/client/patience.h"

#include "base/base.h"

#define FIRST_PAUSE_MS   50u
#define LONGEST_PAUSE_MS 5000u

/* Doubled as often as this, the first pause is longer than the longest. */
#define DOUBLINGS 7u

void
patience_init(struct patience *p, uint32_t retry_ms, uint64_t now)
{
	*p = (struct patience){ .retry_ms = retry_ms };
	patience_is_rewarded(p, now);
}

void
patience_asks(struct patience *p, uint64_t now)
{
	p->asked = now;
	if (p->failures == 0)
		p->since = now;
}

void
patience_is_answered(struct patience *p, uint64_t now)
{
	if (p->asked > now)
		return;
	p->since += now - p->asked;
	p->asked = now;
}

void
patience_is_rewarded(struct patience *p, uint64_t now)
{
	p->failures = 0;
	p->since = now;
	p->asked = now;
}

/* Before the next attempt. */
static uint32_t
pause_ms(const struct patience *p, uint32_t random)
{
	uint32_t pause;

	if (p->failures == 0)
		return 0;
	pause = FIRST_PAUSE_MS << MIN_OF(p->failures - 1, DOUBLINGS);
	pause = MIN_OF(pause, LONGEST_PAUSE_MS);
	return pause / 2 + random % (pause / 2 + 1);
}

/* Whoever had progress tries once more, however long ago it was. */
static bool
is_over(const struct patience *p, uint64_t now)
{
	return p->retry_ms == 0 ||
	    (p->failures > 0 && now - p->since >= p->retry_ms);
}

bool
patience_fails(
    struct patience *p, uint64_t now, uint32_t floor_ms, uint32_t random)
{
	uint64_t floor = now + floor_ms;

	if (floor_ms > p->retry_ms)
		return false;
	if (now < p->not_before) {
		p->not_before = MAX_OF(p->not_before, floor);
		return true;
	}
	if (is_over(p, now))
		return false;
	p->not_before = MAX_OF(now + pause_ms(p, random), floor);
	p->failures++;
	p->asked = UINT64_MAX;
	return true;
}
