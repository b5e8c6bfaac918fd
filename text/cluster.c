/* Extended grapheme clusters: see text/cluster.h. */
#include "text/cluster.h"

#include <string.h>

#include "text/utf8.h"

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
 * Copies a cluster so that it ends at end.  Eight bytes at a time where the
 * bytes before it in both buffers may be touched: what they write below the
 * cluster is written again by the next one.
 */
static inline void
copy_cluster(const uint8_t *low, uint8_t *end, const uint8_t *in,
    const uint8_t *start, size_t len)
{
	uint64_t eight;

	if (len <= 8 && start + len - in >= 8 && end - low >= 8) {
		memcpy(&eight, start + len - 8, 8);
		memcpy(end - 8, &eight, 8);
		return;
	}
	memcpy(end - len, start, len);
}

size_t
cluster_reverse(uint8_t *out, uint8_t *end, const uint8_t *in, size_t len,
    size_t until, bool last)
{
	unsigned int next, state = STATE_START;
	size_t n, at = 0, start = 0;
	uint32_t point;

	while (at < len) {
		if (in[at] < 0x80 && len - at >= 8 && state != STATE_PREPEND &&
		    state != STATE_CR && all_are_plain(in + at)) {
			copy_cluster(out, end - start, in, in + start,
			    at - start);
			if (at >= until)
				return at;
			at += copy_plain(end - at, in + at, until - at);
			start = at;
			state = STATE_START;
			continue;
		}
		n = utf8_decode(in + at, &point);
		next = cluster_step(state, point);
		if ((next & TEXT_BOUNDARY) != 0) {
			copy_cluster(out, end - start, in, in + start,
			    at - start);
			start = at;
			if (start >= until)
				return start;
		}
		state = next & TEXT_STATE_MASK;
		at += n;
	}
	if (!last)
		return start;
	copy_cluster(out, end - start, in, in + start, at - start);
	return at;
}
