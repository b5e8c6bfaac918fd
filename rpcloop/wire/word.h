/*
 * A word of XDR (RFC 4506, section 4.2): 32 bits, the highest first, at any
 * address.
 */
#ifndef RPCLOOP_WIRE_WORD_H
#define RPCLOOP_WIRE_WORD_H

#include <stddef.h>
#include <stdint.h>

enum { WORD_SIZE = 4 };

static inline uint32_t
word_get(const uint8_t at[WORD_SIZE])
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	    (uint32_t)at[2] << 8 | at[3];
}

static inline void
word_put(uint8_t at[WORD_SIZE], uint32_t word)
{
	at[0] = (uint8_t)(word >> 24);
	at[1] = (uint8_t)(word >> 16);
	at[2] = (uint8_t)(word >> 8);
	at[3] = (uint8_t)word;
}

/* Bytes with what pads them to whole words (section 3). */
static inline size_t
word_padded(size_t len)
{
	return (len + WORD_SIZE - 1) & ~(size_t)(WORD_SIZE - 1);
}

#endif
