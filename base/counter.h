/*
 * counter - a number that one thread counts and any may read
 *
 * Counting takes a load and a store, which no other thread waits for: there
 * must be one that counts.
 */
#ifndef BASE_COUNTER_H
#define BASE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

typedef _Atomic uint64_t counter;

static inline uint64_t
counter_read(const counter *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

static inline void
counter_set(counter *c, uint64_t number)
{
	atomic_store_explicit(c, number, memory_order_relaxed);
}

static inline void
counter_add(counter *c, uint64_t more)
{
	counter_set(c, counter_read(c) + more);
}

#endif
