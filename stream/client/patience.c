#include "stream/client/patience.h"

#include "base/backoff.h"
#include "base/base.h"

enum {
	/* Answers in a row that may bring nothing, */
	VAIN_ANSWERS = 32,
	/* and the pause after each further one. */
	VAIN_PAUSE_MS = 50,
};

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
	if (p->vain < VAIN_ANSWERS)
		p->vain++;
	else
		p->not_before = MAX_OF(p->not_before, now + VAIN_PAUSE_MS);
	if (p->asked > now)
		return;
	p->since += now - p->asked;
	p->asked = now;
}

bool
patience_is_in_vain(const struct patience *p)
{
	return p->vain == VAIN_ANSWERS;
}

void
patience_goes_on(struct patience *p)
{
	p->vain = 0;
	p->stuck = 0;
}

void
patience_is_rewarded(struct patience *p, uint64_t now)
{
	patience_goes_on(p);
	p->failures = 0;
	p->since = now;
	p->asked = now;
}

void
patience_starts_over(struct patience *p)
{
	p->stuck = p->failures;
}

bool
patience_is_wary(const struct patience *p)
{
	return p->stuck > 1;
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
	p->not_before = MAX_OF(now + backoff_ms(p->stuck, random), floor);
	p->failures++;
	p->stuck++;
	p->asked = UINT64_MAX;
	return true;
}
