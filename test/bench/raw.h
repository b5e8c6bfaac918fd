/*
 * The messages of RAW, the limit for all others: a length before them and
 * nothing else.  The two top bits of the length say what is to be done: REVERSE
 * it, COLLECT it, reverse what was COLLECTED with it, or SPELL its lines, the
 * last one first.
 */
#ifndef TEST_BENCH_RAW_H
#define TEST_BENCH_RAW_H

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

enum { HEAD = 4, ROOM = 4 * 1024 * 1024, BATCH = 256 * 1024, EVENTS = 64 };

enum raw_kind {
	REVERSE,
	COLLECT,
	COLLECTED,
	SPELL,
};

/* Returns the bytes written.  With NULL the text is still to be put there. */
static inline size_t
raw_put(char *to, enum raw_kind kind, const char *text, size_t len)
{
	uint32_t head = htonl((uint32_t)kind << 30 | (uint32_t)len);

	memcpy(to, &head, HEAD);
	if (text != NULL)
		memcpy(to + HEAD, text, len);
	return HEAD + len;
}

#endif
