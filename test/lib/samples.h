/*
 * Strings to try: drawn from a generator that always gives the same ones, of
 * characters chosen so that every rule of segmentation comes into play, in
 * runs long enough to cross the windows of every kernel.
 */
#ifndef TEST_LIB_SAMPLES_H
#define TEST_LIB_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct samples {
	uint64_t state;
};

void samples_init(struct samples *samples, uint64_t seed);

/* A number below bound, which is not 0. */
uint32_t samples_below(struct samples *samples, uint32_t bound);

/* Fills buf with well-formed text of at most max bytes; returns its length. */
size_t samples_text(struct samples *samples, uint8_t *buf, size_t max);

/* Writes the character as UTF-8, at most 4 bytes; returns how many. */
size_t samples_encode(uint32_t point, uint8_t *buf);

#endif
