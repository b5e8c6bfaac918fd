/* Extended grapheme clusters: see text/cluster.h. */
#include "text/cluster.h"

#include <string.h>

#include "text/utf8.h"

/* Characters looked at before their clusters are copied. */
#define BATCH 128

#define EVERY(byte) (UINT64_C(0x0101010101010101) * (byte))

size_t
cluster_length(const uint8_t *in, size_t len)
{
	unsigned int next, state = STATE_START;
	uint32_t point;
	size_t at = 0;

	do {
		at += utf8_decode(in + at, &point);
		state = cluster_step(state, point) & TEXT_STATE_MASK;
		if (at == len)
			break;
		utf8_decode(in + at, &point);
		next = cluster_step(state, point);
	} while ((next & TEXT_BOUNDARY) == 0);
	return at;
}

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

/*
 * Copies a cluster so that it ends at end.  Sixteen bytes at a time where the
 * bytes before it may be touched in both buffers: what that writes below the
 * cluster is written again by the next one.
 */
static inline void
copy_cluster(const uint8_t *low, uint8_t *end, const uint8_t *in,
    size_t start, size_t stop)
{
	uint8_t sixteen[16];

	if (stop - start <= 16 && stop >= 16 && end - low >= 16) {
		memcpy(sixteen, in + stop - 16, 16);
		memcpy(end - 16, sixteen, 16);
		return;
	}
	memcpy(end - (stop - start), in + start, stop - start);
}

/* Clusters found but not copied, and how far the search has come. */
struct batch {
	size_t at;
	unsigned int state;
	unsigned int count;
	uint32_t starts[BATCH]; /* relative to base */
	size_t base;
};

/*
 * Goes on through at most BATCH characters, to where eight are plain, or past
 * the first boundary not before until.  Whether there is a boundary decides no
 * branch: that could not be predicted.
 */
static void
find_starts(struct batch *batch, const uint8_t *in, size_t len, size_t until)
{
	size_t n, at = batch->at;
	unsigned int next, count = 0, state = batch->state;
	uint32_t point, reached = 0, enough;

	batch->base = at;
	enough = until > at && until - at < UINT32_MAX ?
	    (uint32_t)(until - at) :
	    0;
	for (unsigned int i = 0; i < BATCH && at < len; i++) {
		if (in[at] < 0x80 && i > 0 && len - at >= 8 &&
		    all_are_plain(in + at))
			break;
		n = utf8_decode(in + at, &point);
		next = cluster_step(state, point);
		reached = (uint32_t)(at - batch->base);
		batch->starts[count] = reached;
		count += next / TEXT_BOUNDARY;
		state = next & TEXT_STATE_MASK;
		at += n;
		if (reached >= enough && next >= TEXT_BOUNDARY)
			break;
	}
	batch->at = at;
	batch->count = count;
	batch->state = state;
}

size_t
cluster_reverse(uint8_t *out, uint8_t *end, const uint8_t *in, size_t len,
    size_t until, bool last)
{
	struct batch batch = { .state = STATE_START };
	size_t start = 0, stop;

	while (batch.at < len) {
		if (in[batch.at] < 0x80 && len - batch.at >= 8 &&
		    batch.state != STATE_PREPEND && batch.state != STATE_CR &&
		    all_are_plain(in + batch.at)) {
			stop = batch.at;
			copy_cluster(out, end - start, in, start, stop);
			if (stop >= until)
				return stop;
			start = stop +
			    copy_plain(end - stop, in + stop, until - stop);
			batch.at = start;
			batch.state = STATE_START;
			continue;
		}
		find_starts(&batch, in, len, until);
		for (unsigned int i = 0; i < batch.count; i++) {
			stop = batch.base + batch.starts[i];
			copy_cluster(out, end - start, in, start, stop);
			start = stop;
		}
		if (start >= until)
			return start;
	}
	if (!last)
		return start;
	copy_cluster(out, end - start, in, start, batch.at);
	return batch.at;
}
