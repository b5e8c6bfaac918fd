#include "client/bench/histogram.h"

#include "base/base.h"

/* Buckets are as wide as 2 to the power of this. */
static unsigned int
shift_of(uint64_t value)
{
	unsigned int bits = 64 - (unsigned int)__builtin_clzll(value | 1);

	return bits > HISTOGRAM_STEP_BITS + 1 ? bits - HISTOGRAM_STEP_BITS - 1
					      : 0;
}

static size_t
bucket_of(uint64_t value)
{
	unsigned int shift = shift_of(value);

	return (size_t)shift * HISTOGRAM_STEPS + (size_t)(value >> shift);
}

/* The largest value of a bucket. */
static uint64_t
end_of(size_t bucket)
{
	size_t shift =
	    bucket < HISTOGRAM_STEPS ? 0 : bucket / HISTOGRAM_STEPS - 1;
	uint64_t step = bucket - shift * HISTOGRAM_STEPS;

	/* Of the last one it is the largest number. */
	return ((step + 1) << shift) - 1;
}

void
histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->buckets[bucket_of(value)]++;
	histogram->count++;
	histogram->max = MAX_OF(histogram->max, value);
}

bool
histogram_next(
    const struct histogram *histogram, size_t *at, struct histogram_bar *bar)
{
	while (*at < HISTOGRAM_BUCKETS && histogram->buckets[*at] == 0)
		++*at;
	if (*at == HISTOGRAM_BUCKETS)
		return false;
	bar->value = MIN_OF(end_of(*at), histogram->max);
	bar->count = histogram->buckets[*at];
	++*at;
	return true;
}

uint64_t
histogram_percentile(
    const struct histogram *histogram, unsigned int thousandths)
{
	uint64_t wanted = (histogram->count * thousandths + 999) / 1000;
	struct histogram_bar bar = { 0 };
	uint64_t seen = 0;
	size_t at = 0;

	while (seen < wanted && histogram_next(histogram, &at, &bar))
		seen += bar.count;
	return bar.value;
}
