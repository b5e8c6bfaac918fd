/*
 * Extended grapheme clusters in well-formed text, forward, by the automaton
 * (UAX #29, section 3.1.1).  For the sources of this folder.
 */
#ifndef TEXT_CLUSTER_H
#define TEXT_CLUSTER_H

#include <stddef.h>
#include <stdint.h>

#include "text/kernel.h"
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
 * Reverses the clusters of the piece from the boundary at on, as a
 * text_function does, down from end - at.  Stops at the first boundary that
 * it finds not before until.  Returns where it stopped.
 */
size_t cluster_reverse(const struct text_piece *piece, size_t at,
    size_t until);

#endif
