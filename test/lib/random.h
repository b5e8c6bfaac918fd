/*
 * A small random generator with its state in the caller's hand, so that a seed
 * repeats a schedule on every machine (splitmix64).
 */
#ifndef TEST_LIB_RANDOM_H
#define TEST_LIB_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rng {
	uint64_t state;
};

static inline uint64_t
rng_next(struct rng *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* A number below n, which is not 0. */
static inline uint32_t
rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)(rng_next(r) % n);
}

static inline uint32_t
rng_between(struct rng *r, uint32_t low, uint32_t high)
{
	return low + rng_below(r, high - low + 1);
}

/* True once in n times on average; never for 0. */
static inline bool
rng_once_in(struct rng *r, uint32_t n)
{
	return n > 0 && rng_below(r, n) == 0;
}

static inline void
rng_fill(struct rng *r, void *bytes, size_t len)
{
	uint64_t w = 0;
	char *to = bytes;

	for (size_t i = 0; i < len; i++) {
		if (i % 8 == 0)
			w = rng_next(r);
		to[i] = (char)(w >> i % 8 * 8);
	}
}

#endif
