/*
 * Extended grapheme clusters in well-formed text, forward, by the automaton
 * (UAX #29, section 3.1.1).  For the sources of this folder.
 */
#ifndef TEXT_CLUSTER_H
#define TEXT_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/tables.h"

/* The automaton's step: the next state, and TEXT_BOUNDARY before point. */
static inline unsigned int
cluster_step(unsigned int state, uint32_t point)
{
	return text_automaton[state][text_class(point) & TEXT_CLASS_MASK];
}

/* Length of the cluster that in starts with; len is not 0. */
size_t cluster_length(const uint8_t *in, size_t len);

/*
 * A text_function for clusters (text/kernel.h), except that it stops at the
 * first boundary that is not before in + until.
 */
size_t cluster_reverse(uint8_t *out, uint8_t *end, const uint8_t *in,
    size_t len, size_t until, bool last);

#endif
