/*
 * What the targets of libFuzzer share.
 *
 * A target is one file: it defines LLVMFuzzerTestOneInput(), and its head says
 * what holds for every input and what the bytes of an input mean.  `make fuzz`
 * links it with libFuzzer, `make test` with replay.c.
 */
#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Checks one input; returns 0, or -1 for one that is not worth keeping. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* With no NDEBUG to undo it. */
#define MUST(what)                                                    \
	do {                                                          \
		if (!(what)) {                                        \
			fprintf(stderr, "%s:%d: does not hold: %s\n", \
			    __FILE__, __LINE__, #what);               \
			abort();                                      \
		}                                                     \
	} while (0)

/* The bytes of an input that were not read yet; behind them come zeros. */
struct input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t
input_byte(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

/* One of count numbers, as the next byte says. */
static inline uint32_t
input_pick(struct input *in, const uint32_t *from, size_t count)
{
	return from[input_byte(in) % count];
}

#endif
