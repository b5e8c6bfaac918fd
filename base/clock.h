/*
 * Time that never jumps.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_NS_PER_MS UINT64_C(1000000)

/* CLOCK_MONOTONIC: only differences mean anything. */
uint64_t clock_now_ns(void);
uint64_t clock_now_ms(void);

/* Nanoseconds that the calling thread has had of a processor. */
uint64_t clock_thread_ns(void);

#endif
