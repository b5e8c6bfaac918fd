/*
 * Graphemes for x86 processors with AVX-512 and its byte permutations (VBMI):
 * see text/kernel.h, and text/kernel_avx2.c for how windows without joiners
 * are done.  Text with many joiners goes by the rules (text/rules_avx512.h).
 *
 * The other loops gain little from wider registers, and stay those of AVX2.
 */
#include "text/kernel_x86.h"

#ifdef TEXT_KERNEL_X86

#include "text/cluster.h"
#include "text/rules_avx512.h"
#include "text/tables.h"
#include "text/window_avx512.h"

/*
 * Windows with fewer joiners are left to the automaton, and those with
 * characters of four bytes, emoji above all, which spread over many blocks.
 */
#define JOINERS_MIN 4

INLINE window
high_nibble(window w)
{
	return _mm512_and_si512(_mm512_srli_epi16(w, 4), every(0x0f));
}

INLINE window
low_nibble(window w)
{
	return _mm512_and_si512(w, every(0x0f));
}

/*
 * The window w at p with the bytes of each character in reverse order.  Reads
 * REACH bytes more at either side.
 */
INLINE window
turned(const uint8_t *p, window w)
{
	window last1 = load(p - 1), last2 = load(p - 2), last3 = load(p - 3);
	window next1 = load(p + 1), r;

	r = _mm512_mask_mov_epi8(w, at_least(w, 0xc0), next1);
	r = _mm512_mask_loadu_epi8(r, at_least(w, 0xe0), p + 2);
	r = _mm512_mask_mov_epi8(r, between(last1, 0xc0, 0xdf), last1);
	r = _mm512_mask_mov_epi8(r, at_least(last2, 0xe0), last2);
	if ((at_least(w, 0xf0) | at_least(last3, 0xf0)) == 0)
		return r;
	r = _mm512_mask_loadu_epi8(r, at_least(w, 0xf0), p + 3);
	r = _mm512_mask_mov_epi8(r, at_least(last1, 0xf0), next1);
	r = _mm512_mask_mov_epi8(r, at_least(last2, 0xf0), last1);
	return _mm512_mask_mov_epi8(r, at_least(last3, 0xf0), last3);
}

/* Four-byte leads in the window w at p but those of F0 9F and F0 A0..BF. */
INLINE set
four_byte_joiners(const uint8_t *p, window w)
{
	window next1 = load(p + 1), next2 = load(p + 2), next3 = load(p + 3);
	set plain;

	/* U+1F1E6..1F1FF are flags, U+1F3FB..1F3FF skin tones. */
	plain = equal(next1, 0x9f) & ~equal(next2, 0x87) &
	    ~(equal(next2, 0x8f) & at_least(next3, 0xbb));
	plain |= at_least(next1, 0xa0);
	return at_least(w, 0xf0) & ~(plain & equal(w, 0xf0));
}

/* The leads of joiners of three bytes; three are all leads E0 to EF. */
INLINE set
three_byte_joiners(const uint8_t *p, window w, set three)
{
	const window bits = _mm512_set1_epi64(INT64_C(0x8040201008040201));
	window next1 = load(p + 1), next2 = load(p + 2), index, blocks;
	set found;

	index = _mm512_or_si512(_mm512_slli_epi16(low_nibble(w), 3),
	    _mm512_and_si512(_mm512_srli_epi16(next1, 3), every(7)));
	blocks = _mm512_permutex2var_epi8(
	    load(text_joiner_blocks), index, load(text_joiner_blocks + WINDOW));
	found = _mm512_mask_test_epi8_mask(three, blocks,
	    _mm512_shuffle_epi8(bits, _mm512_and_si512(next1, every(7))));
	found |=
	    equal(w, 0xe2) & equal(next1, 0x80) & between(next2, 0x8c, 0x8d);
	found |= equal(w, 0xe3) &
	    ((equal(next1, 0x80) & between(next2, 0xaa, 0xaf)) |
		(equal(next1, 0x82) & between(next2, 0x99, 0x9a)));
	return found;
}

/* Looks sixteen entries up. */
INLINE window
find(const uint8_t *entries, window index)
{
	window table =
	    _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)entries));

	return _mm512_shuffle_epi8(table, index);
}

/* The leads of joiners of two bytes. */
INLINE set
two_byte_joiners(const uint8_t *p, window w)
{
	window next1 = load(p + 1), lead, second;

	lead = _mm512_and_si512(find(two_lead_high, high_nibble(w)),
	    find(two_lead_low, low_nibble(w)));
	second = _mm512_and_si512(find(two_second_high, high_nibble(next1)),
	    find(two_second_low, low_nibble(next1)));
	return _mm512_test_epi8_mask(lead, second);
}

/* The leads of joiners in the window w at p. */
INLINE set
joiners(const uint8_t *p, window w)
{
	set found = equal(w, '\r') & equal(load(p + 1), '\n');
	set three = between(w, 0xe0, 0xef);

	if (between(w, 0xc0, 0xdf) != 0)
		found |= two_byte_joiners(p, w);
	if (three != 0)
		found |= three_byte_joiners(p, w, three);
	if (at_least(w, 0xf0) != 0)
		found |= four_byte_joiners(p, w);
	return found;
}

/* Does 2 * WINDOW bytes if all are ASCII and none is CR. */
INLINE bool
copy_ascii(const struct text_piece *piece, size_t at)
{
	window first = load(piece->in + at);
	window second = load(piece->in + at + WINDOW);
	uint8_t *to = piece->end - at - 2 * WINDOW;

	if ((_mm512_movepi8_mask(_mm512_or_si512(first, second)) |
		equal(first, '\r') | equal(second, '\r')) != 0)
		return false;
	store(to, reversed(second));
	store(to + WINDOW, reversed(first));
	return true;
}

AVX512 static size_t
graphemes(const struct text_piece *piece)
{
	struct cluster_walk walk;
	size_t at, first, behind;
	set found, wide;
	window w;

	at = cluster_walk_init(&walk, piece, REACH);
	while (piece->len - at >= WINDOW + REACH) {
		if (piece->len - at >= 2 * WINDOW && copy_ascii(piece, at)) {
			walk.stretch = 0;
			at += 2 * WINDOW;
			continue;
		}
		w = load(piece->in + at);
		found = joiners(piece->in + at, w);
		store(piece->end - at - WINDOW,
		    reversed(turned(piece->in + at, w)));
		if (found == 0) {
			walk.stretch = 0;
			at += WINDOW;
			continue;
		}
		first = at + (size_t)__builtin_ctzll(found);
		behind = at + WINDOW - (size_t)__builtin_clzll(found);
		wide = found & at_least(w, 0x80);
		if (__builtin_popcountll(wide) >= JOINERS_MIN &&
		    at_least(w, 0xf0) == 0) {
			walk.floor = cluster_walk_before(&walk, first);
			at = avx512_by_rules(piece, walk.floor,
			    at + (size_t)__builtin_ctzll(wide));
			if (at > walk.floor) {
				walk.floor = at;
				continue;
			}
		}
		at = cluster_walk_joiners(&walk, first, behind);
	}
	return cluster_walk_end(&walk, at);
}

const struct text_kernel text_kernel_avx512 = {
	.name = "avx512",
	.bytes = avx2_bytes,
	.valid = avx2_valid,
	.codepoints = avx2_codepoints,
	.graphemes = graphemes,
};

#endif
