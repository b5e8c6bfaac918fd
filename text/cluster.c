/* Extended grapheme clusters: see text/cluster.h. */
#include "text/cluster.h"

#include <string.h>

#include "text/utf8.h"

/* Characters looked at before their clusters are copied. */
#define BATCH 128

/* Bytes behind joiners that the automaton does when it is used much. */
#define STRETCH_MIN 16
#define STRETCH_MAX 256

#define EVERY(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether the eight bytes at p are ASCII characters and none of them CR. */
static inline bool
all_are_plain(const uint8_t *p)
{
	uint64_t cr, eight;

	memcpy(&eight, p, sizeof(eight));
	cr = eight ^ EVERY('\r');
	/* A byte is CR where taking 1 from its difference borrows. */
	return ((eight | (cr - EVERY(1))) & EVERY(0x80)) == 0;
}

/*
 * Copies plain characters, of which eight are at in, down from end, eight at
 * a time while there are more and at most until.  The last one stays behind:
 * a mark could follow and join it.  Returns how many were copied.
 */
static inline size_t
copy_plain(uint8_t *end, const uint8_t *in, size_t until)
{
	uint64_t eight;
	size_t at = 0;

	for (;;) {
		memcpy(&eight, in + at, sizeof(eight));
		eight = __builtin_bswap64(eight);
		memcpy(end - at - sizeof(eight), &eight, sizeof(eight));
		if (until - at < 16 || !all_are_plain(in + at + 8))
			return at + 7;
		at += 8;
	}
}

/* Clusters found but not copied, and how far the search has come. */
struct batch {
	size_t at;
	unsigned int state;
	unsigned int count;
	size_t starts[BATCH];
};

/*
 * Goes on through at most BATCH characters, to where eight are plain, or past
 * the first boundary not before until.  Whether there is a boundary decides no
 * branch: that could not be predicted.
 */
static void
find_starts(struct batch *batch, const struct text_piece *piece, size_t until)
{
	const uint8_t *in = piece->in;
	size_t n, at = batch->at, len = piece->len;
	unsigned int next, count = 0, state = batch->state;
	uint32_t point;

	for (unsigned int i = 0; i < BATCH && at < len; i++) {
		if (in[at] < 0x80 && i > 0 && len - at >= 8 &&
		    all_are_plain(in + at))
			break;
		n = utf8_decode(in + at, &point);
		next = cluster_step(state, point);
		batch->starts[count] = at;
		count += next / TEXT_BOUNDARY;
		state = next & TEXT_STATE_MASK;
		at += n;
		if (at > until && next >= TEXT_BOUNDARY)
			break;
	}
	batch->at = at;
	batch->count = count;
	batch->state = state;
}

/* Whether eight plain characters come next that no character joins. */
static bool
is_at_plain(const struct batch *batch, const struct text_piece *piece)
{
	return piece->in[batch->at] < 0x80 && piece->len - batch->at >= 8 &&
	    batch->state != STATE_PREPEND && batch->state != STATE_CR &&
	    all_are_plain(piece->in + batch->at);
}

size_t
cluster_reverse(const struct text_piece *piece, size_t at, size_t until)
{
	struct batch batch;
	size_t start = at;

	if (until > piece->len)
		until = piece->len;
	batch.at = at;
	batch.state = STATE_START;
	while (batch.at < piece->len) {
		if (is_at_plain(&batch, piece)) {
			cluster_copy(piece, start, batch.at);
			start = batch.at;
			if (start >= until)
				return start;
			start += copy_plain(piece->end - start,
			    piece->in + start, until - start);
			batch.at = start;
			batch.state = STATE_START;
			continue;
		}
		find_starts(&batch, piece, until);
		start =
		    cluster_copy_all(piece, start, batch.starts, batch.count);
		if (start >= until)
			return start;
	}
	if (!piece->last)
		return start;
	cluster_copy(piece, start, batch.at);
	return batch.at;
}

/* Goes on from the boundary at; returns where the fast way may begin. */
static size_t
advance(struct cluster_walk *walk, size_t at, size_t until)
{
	walk->floor = cluster_reverse(walk->piece, at, until);
	return walk->floor < until ? walk->piece->len : walk->floor;
}

size_t
cluster_walk_init(
    struct cluster_walk *walk, const struct text_piece *piece, size_t least)
{
	walk->piece = piece;
	walk->stretch = 0;
	return advance(walk, 0, least);
}

size_t
cluster_walk_before(const struct cluster_walk *walk, size_t at)
{
	const uint8_t *in = walk->piece->in;

	if (at <= walk->floor)
		return walk->floor;
	return (size_t)(utf8_before(in + at) - in);
}

size_t
cluster_walk_joiners(struct cluster_walk *walk, size_t first, size_t behind)
{
	size_t until = behind + walk->stretch;

	if (walk->stretch < STRETCH_MAX)
		walk->stretch += walk->stretch + STRETCH_MIN;
	return advance(walk, cluster_walk_before(walk, first), until);
}

size_t
cluster_walk_end(struct cluster_walk *walk, size_t at)
{
	const struct text_piece *piece = walk->piece;

	if (at < piece->len) {
		/* Whether a joiner is at at was not looked at. */
		while (at > walk->floor && utf8_continues(piece->in[at]))
			at--;
		advance(walk, cluster_walk_before(walk, at), piece->len);
	}
	return walk->floor;
}
