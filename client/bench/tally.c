#include "client/bench/tally.h"

#include "base/base.h"

void
tally_add(struct tally *tally, status_code status, uint64_t now_ns,
    uint64_t latency_ns)
{
	tally->calls++;
	tally->end_ns = MAX_OF(tally->end_ns, now_ns);
	if (status == STATUS_OK) {
		histogram_add(&tally->latency, latency_ns);
		return;
	}
	tally->failures++;
	tally->failed[(size_t)status < TALLY_STATUSES ? status
						      : STATUS_UNKNOWN]++;
}

uint64_t
tally_rate(const struct tally *tally)
{
	double seconds = (double)(tally->end_ns - tally->begin_ns) / 1e9;

	if (tally->latency.count == 0 || seconds <= 0)
		return 0;
	return (uint64_t)((double)tally->latency.count * 1000 / seconds);
}
