#include "base/backoff.h"

#include "base/base.h"

#define FIRST_MS   50u
#define LONGEST_MS 5000u

/* Doubled as often as this, the first pause is longer than the longest. */
#define DOUBLINGS 7u

uint32_t
backoff_ms(unsigned int attempts, uint32_t random)
{
	uint32_t most;

	if (attempts == 0)
		return 0;
	most = MIN_OF(FIRST_MS << MIN_OF(attempts - 1, DOUBLINGS), LONGEST_MS);
	return most / 2 + random % (most / 2 + 1);
}
