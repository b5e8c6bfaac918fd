/*
 * Extended grapheme clusters in well-formed text, forward, by the automaton
 * (UAX #29, section 3.1.1).  For the sources of this folder.
 */
#ifndef TEXT_CLUSTER_H
#define TEXT_CLUSTER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "text/kernel.h"
#include "text/tables.h"

/* The automaton's step: the next state, and TEXT_BOUNDARY before point. */
static inline unsigned int
cluster_step(unsigned int state, uint32_t point)
{
	return text_automaton[state][text_class(point) & TEXT_CLASS_MASK];
}

/*
 * Reverses the clusters of the piece from the boundary at on, as a
 * text_function does, down from end - at.  Stops at the first boundary that
 * it finds not before until.  Returns where it stopped.
 */
size_t cluster_reverse(const struct text_piece *piece, size_t at, size_t until);

/*
 * Copies the unit in[start..stop) of the piece to where it belongs: 32 bytes
 * in any case where the bytes before it may be touched in both buffers, since
 * what that writes below the unit is written again by the next one.
 */
static inline void
cluster_copy(const struct text_piece *piece, size_t start, size_t stop)
{
	const uint8_t *behind = piece->in + stop;
	uint8_t first[16], second[16], *end = piece->end - start;

	if (stop - start <= 32 && stop >= 32 && end - piece->out >= 32) {
		memcpy(first, behind - 32, sizeof(first));
		memcpy(second, behind - 16, sizeof(second));
		memcpy(end - 32, first, sizeof(first));
		memcpy(end - 16, second, sizeof(second));
		return;
	}
	memcpy(piece->end - stop, piece->in + start, stop - start);
}

/*
 * Copies count units, the first of which begins at start and each of which
 * ends where the next begins.  Returns the end of the last one.
 */
static inline size_t
cluster_copy_all(const struct text_piece *piece, size_t start,
    const size_t *ends, unsigned int count)
{
	/* Of our own: what is stored through bytes cannot change it. */
	const struct text_piece own = *piece;

	for (unsigned int i = 0; i < count; i++) {
		cluster_copy(&own, start, ends[i]);
		start = ends[i];
	}
	return start;
}

/*
 * How a kernel that has a fast way for most characters and none for joiners
 * goes through a piece: it does the bytes from at on in windows of any width,
 * by code points, and hands over where joiners are.  A character that is no
 * joiner is a cluster by itself unless it is next to one.
 */
struct cluster_walk {
	const struct text_piece *piece;
	size_t floor;   /* the automaton has done everything before */
	size_t stretch; /* how much further it shall go on: grows by its use */
};

/*
 * Starts.  Returns where the fast way may begin, at least bytes from the start,
 * or the length of the piece if all that can be done was done.
 */
size_t cluster_walk_init(
    struct cluster_walk *walk, const struct text_piece *piece, size_t least);

/*
 * The last boundary before at that a joiner at at leaves in place: the start
 * of the character before it, which is the whole of its cluster so far; not
 * before floor.
 */
size_t cluster_walk_before(const struct cluster_walk *walk, size_t at);

/*
 * The first joiner at or behind floor is at first, and there may be more, but
 * not behind behind.  Does the clusters from the one that may hold it to the
 * boundary returned, where the fast way may go on; or all that can be done,
 * and then returns the length of the piece.
 */
size_t cluster_walk_joiners(
    struct cluster_walk *walk, size_t first, size_t behind);

/*
 * The fast way came to at, maybe inside a character, and leaves the rest to
 * the automaton.  Returns what the text_function shall return.
 */
size_t cluster_walk_end(struct cluster_walk *walk, size_t at);

#endif
