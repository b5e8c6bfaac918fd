/*
 * The inner loops for x86 processors with AVX2: see text/kernel.h.
 *
 * Code points are reversed in place first, and then all bytes.  The place of a
 * byte depends on the three before it and the three after it alone, so every
 * window of 32 bytes is done by itself, wherever it begins.
 *
 * Graphemes are code points but for joiners: characters of a class that has a
 * rule of its own in UAX #29 and needs a neighbour for it.  The automaton does
 * them, from the character before to the first boundary after the last joiner.
 */
#include "text/kernel_x86.h"

#ifdef TEXT_KERNEL_X86

#include <immintrin.h>
#include <string.h>

#include "text/cluster.h"
#include "text/utf8.h"

#define AVX2   __attribute__((target("avx2")))
#define INLINE static inline __attribute__((target("avx2"), always_inline))

#define WINDOW ((size_t)32)
#define REACH  ((size_t)3) /* how far a byte may move in its character */

typedef __m256i window;

INLINE window
load(const uint8_t *p)
{
	return _mm256_loadu_si256((const window *)p);
}

INLINE void
store(uint8_t *p, window w)
{
	_mm256_storeu_si256((window *)p, w);
}

INLINE window
every(int byte)
{
	return _mm256_set1_epi8((char)byte);
}

/* The same sixteen entries for both halves of a shuffle. */
INLINE window
table(const uint8_t *entries)
{
	return _mm256_broadcastsi128_si256(
	    _mm_loadu_si128((const __m128i *)entries));
}

INLINE window
reversed(window w)
{
	const window order = _mm256_broadcastsi128_si256(_mm_setr_epi8(
	    15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));

	w = _mm256_shuffle_epi8(w, order);
	return _mm256_permute4x64_epi64(w, 0x4e);
}

AVX2 void
avx2_bytes(uint8_t *out, const uint8_t *in, size_t len)
{
	size_t at = 0;

	if (len < WINDOW) {
		text_kernel_portable.bytes(out, in, len);
		return;
	}
	/* Whole lines of the cache are written fastest. */
	store(out, reversed(load(in + len - WINDOW)));
	at = WINDOW - (uintptr_t)out % WINDOW;
	for (; len - at >= 4 * WINDOW; at += 4 * WINDOW) {
		const uint8_t *from = in + len - at;

		for (size_t i = 0; i < 4; i++)
			store(out + at + i * WINDOW,
			    reversed(load(from - (i + 1) * WINDOW)));
	}
	for (; len - at >= WINDOW; at += WINDOW)
		store(out + at, reversed(load(in + len - at - WINDOW)));
	store(out + len - WINDOW, reversed(load(in)));
}

/* Each byte moved one, two or three places up, those before it shifted in. */
#define SHIFTED(w, before, places) \
	_mm256_alignr_epi8(        \
	    w, _mm256_permute2x128_si256(before, w, 0x21), 16 - (places))

INLINE window
high_nibble(window w)
{
	return _mm256_and_si256(_mm256_srli_epi16(w, 4), every(0x0f));
}

INLINE window
low_nibble(window w)
{
	return _mm256_and_si256(w, every(0x0f));
}

/*
 * What is ill-formed in a window, 0 if nothing: two bytes in a row that may
 * not follow each other, and continuations too few or too many.
 */
INLINE window
faults(window w, window before)
{
	window last1 = SHIFTED(w, before, 1);
	window last2 = SHIFTED(w, before, 2);
	window last3 = SHIFTED(w, before, 3);
	window pair, must;

	pair = _mm256_and_si256(
	    _mm256_shuffle_epi8(table(utf8_first_high), high_nibble(last1)),
	    _mm256_shuffle_epi8(table(utf8_first_low), low_nibble(last1)));
	pair = _mm256_and_si256(
	    pair, _mm256_shuffle_epi8(table(utf8_second_high), high_nibble(w)));
	/* The high bit where a third or fourth byte has to be. */
	must = _mm256_or_si256(_mm256_subs_epu8(last2, every(0xe0 - 0x80)),
	    _mm256_subs_epu8(last3, every(0xf0 - 0x80)));
	must = _mm256_and_si256(must, every(0x80));
	return _mm256_xor_si256(pair, must);
}

AVX2 size_t
avx2_valid(const uint8_t *in, size_t len)
{
	window before = _mm256_setzero_si256(), first, second, fault;
	bool is_within = false;
	size_t at;

	for (at = 0; len - at >= 2 * WINDOW; at += 2 * WINDOW) {
		first = load(in + at);
		second = load(in + at + WINDOW);
		if (!is_within &&
		    _mm256_movemask_epi8(_mm256_or_si256(first, second)) == 0)
			continue;
		fault = _mm256_or_si256(
		    faults(first, before), faults(second, first));
		if (!_mm256_testz_si256(fault, fault))
			break;
		before = second;
		/* An end in ASCII asks nothing of what follows. */
		is_within = in[at + 2 * WINDOW - 1] >= 0x80;
	}
	return utf8_valid_behind(in, len, at);
}

/*
 * The window at p with the bytes of each character in reverse order.  Reads
 * REACH bytes more at either side.
 */
INLINE window
turned(const uint8_t *p)
{
	window w = load(p), last1 = load(p - 1), last2 = load(p - 2);
	window next1 = load(p + 1), next2 = load(p + 2);
	window last3 = load(p - 3), next3 = load(p + 3), r;

	/* A blend goes by the high bit: set from C0, E0 or F0 on. */
	r = _mm256_blendv_epi8(w, next1, _mm256_subs_epu8(w, every(0x40)));
	r = _mm256_blendv_epi8(r, next2, _mm256_subs_epu8(w, every(0x60)));
	r = _mm256_blendv_epi8(r, last1, _mm256_subs_epu8(last1, every(0x40)));
	r = _mm256_blendv_epi8(r, w, _mm256_subs_epu8(last1, every(0x60)));
	r = _mm256_blendv_epi8(r, last2, _mm256_subs_epu8(last2, every(0x60)));
	r = _mm256_blendv_epi8(r, next3, _mm256_subs_epu8(w, every(0x70)));
	r = _mm256_blendv_epi8(r, next1, _mm256_subs_epu8(last1, every(0x70)));
	r = _mm256_blendv_epi8(r, last1, _mm256_subs_epu8(last2, every(0x70)));
	return _mm256_blendv_epi8(
	    r, last3, _mm256_subs_epu8(last3, every(0x70)));
}

/* Does the at most WINDOW bytes from at on, where neighbours may be missing. */
AVX2 static void
codepoints_at_edge(const struct text_piece *piece, size_t at, size_t count)
{
	uint8_t around[REACH + WINDOW + REACH] = { 0 }, done[WINDOW];
	size_t before = at < REACH ? at : REACH;
	size_t behind = piece->len - at - count;

	if (behind > REACH)
		behind = REACH;
	memcpy(around + REACH - before, piece->in + at - before,
	    before + count + behind);
	store(done, reversed(turned(around + REACH)));
	memcpy(piece->end - at - count, done + WINDOW - count, count);
}

AVX2 size_t
avx2_codepoints(const struct text_piece *piece)
{
	size_t at = piece->len < WINDOW ? piece->len : WINDOW, len, count;
	window w;

	len = piece->len;
	codepoints_at_edge(piece, 0, at);
	while (len - at >= WINDOW + REACH) {
		w = load(piece->in + at);
		if (_mm256_movemask_epi8(w) != 0)
			w = turned(piece->in + at);
		at += WINDOW;
		store(piece->end - at, reversed(w));
	}
	for (; at < len; at += count) {
		count = len - at < WINDOW ? len - at : WINDOW;
		codepoints_at_edge(piece, at, count);
	}
	return len;
}

/*
 * Joiners by the bytes of their characters.  Two bytes are looked up by their
 * nibbles (text/kernel_x86.h); a lead of three with its second and third byte
 * by five nibbles, where a bit that all five entries have is a set of
 * characters with joiners:
 *
 *	01	E1, EA, EF with 90..AF
 *	02	E1 with 8x and Bx of some x
 *	04	E2 with 83, 85, 87, B3, B5, B7
 *	08	E2 80 8C and 8D: ZWNJ and ZWJ
 *	10	E3 80 AA..AF, tone marks
 *	20	E3 82 99 and 9A, voicing marks
 *	40	EF with B8 and BE
 *	80	ED with 9E and 9F
 *
 * All of E0 is taken for joiners, and of the four-byte characters all but the
 * pictographs and the ideographs; of the CRs, those before LF.
 */
static const uint8_t three_lead[16] = {
	[0x1] = 0x03,
	[0x2] = 0x0c,
	[0x3] = 0x30,
	[0xa] = 0x01,
	[0xd] = 0x80,
	[0xf] = 0x41,
};
static const uint8_t three_second_high[16] = {
	[0x8] = 0x3e,
	[0x9] = 0x81,
	[0xa] = 0x01,
	[0xb] = 0x46,
};
static const uint8_t three_second_low[16] = {
	[0x0] = 0x1b,
	[0x1] = 0x03,
	[0x2] = 0x23,
	[0x3] = 0x07,
	[0x4] = 0x03,
	[0x5] = 0x07,
	[0x6] = 0x03,
	[0x7] = 0x07,
	[0x8] = 0x41,
	[0x9 ... 0xc] = 0x01,
	[0xd] = 0x03,
	[0xe] = 0xc1,
	[0xf] = 0x81,
};
#define ANY_THIRD 0xc7
static const uint8_t three_third_high[16] = {
	[0x8] = ANY_THIRD | 0x08,
	[0x9] = ANY_THIRD | 0x20,
	[0xa] = ANY_THIRD | 0x10,
	[0xb] = ANY_THIRD,
};
static const uint8_t three_third_low[16] = {
	[0x0 ... 0x8] = ANY_THIRD,
	[0x9] = ANY_THIRD | 0x20,
	[0xa] = ANY_THIRD | 0x30,
	[0xb] = ANY_THIRD | 0x10,
	[0xc ... 0xd] = ANY_THIRD | 0x18,
	[0xe ... 0xf] = ANY_THIRD | 0x10,
};

INLINE window
equal(window w, int byte)
{
	return _mm256_cmpeq_epi8(w, every(byte));
}

INLINE window
find(const uint8_t *entries, window index)
{
	return _mm256_shuffle_epi8(table(entries), index);
}

/* All ones where w is at least least, as unsigned numbers. */
INLINE window
at_least(window w, int least)
{
	return _mm256_cmpeq_epi8(_mm256_max_epu8(w, every(least)), w);
}

/* Four-byte leads in the window at p but those of F0 9F and F0 A0..BF. */
INLINE window
four_byte_joiners(const uint8_t *p, window w)
{
	window next1 = load(p + 1), next2 = load(p + 2), next3 = load(p + 3);
	window plain, blocks;

	/* U+1F1E6..1F1FF are flags, U+1F3FB..1F3FF skin tones. */
	blocks = _mm256_or_si256(equal(next2, 0x87),
	    _mm256_and_si256(equal(next2, 0x8f), at_least(next3, 0xbb)));
	plain = _mm256_andnot_si256(blocks, equal(next1, 0x9f));
	plain = _mm256_or_si256(plain, at_least(next1, 0xa0));
	plain = _mm256_and_si256(plain, equal(w, 0xf0));
	return _mm256_andnot_si256(plain, at_least(w, 0xf0));
}

/* The leads of joiners in the window w at p, a bit each. */
INLINE uint32_t
joiners(const uint8_t *p, window w)
{
	window high = high_nibble(w), low = low_nibble(w);
	window next1 = load(p + 1), next2 = load(p + 2);
	window two, three, found;

	two = find(two_lead_high, high);
	two = _mm256_and_si256(two, find(two_lead_low, low));
	two = _mm256_and_si256(two, find(two_second_high, high_nibble(next1)));
	two = _mm256_and_si256(two, find(two_second_low, low_nibble(next1)));
	three = _mm256_and_si256(
	    find(three_lead, low), find(three_second_high, high_nibble(next1)));
	three =
	    _mm256_and_si256(three, find(three_second_low, low_nibble(next1)));
	three =
	    _mm256_and_si256(three, find(three_third_high, high_nibble(next2)));
	three =
	    _mm256_and_si256(three, find(three_third_low, low_nibble(next2)));
	three = _mm256_and_si256(three, equal(high, 0x0e));
	found = _mm256_cmpgt_epi8(
	    _mm256_min_epu8(_mm256_or_si256(two, three), every(1)),
	    _mm256_setzero_si256());
	found = _mm256_or_si256(found, equal(w, 0xe0));
	found = _mm256_or_si256(
	    found, _mm256_and_si256(equal(w, '\r'), equal(next1, '\n')));
	if (!_mm256_testz_si256(at_least(w, 0xf0), at_least(w, 0xf0)))
		found = _mm256_or_si256(found, four_byte_joiners(p, w));
	return (uint32_t)_mm256_movemask_epi8(found);
}

/* Does 2 * WINDOW bytes if all are ASCII and none is CR. */
INLINE bool
copy_ascii(const struct text_piece *piece, size_t at)
{
	window first = load(piece->in + at);
	window second = load(piece->in + at + WINDOW);
	window cr = _mm256_or_si256(equal(first, '\r'), equal(second, '\r'));
	uint8_t *to = piece->end - at - 2 * WINDOW;

	cr = _mm256_or_si256(cr, _mm256_or_si256(first, second));
	if (_mm256_movemask_epi8(cr) != 0)
		return false;
	store(to, reversed(second));
	store(to + WINDOW, reversed(first));
	return true;
}

AVX2 static size_t
graphemes(const struct text_piece *piece)
{
	struct cluster_walk walk;
	size_t at = cluster_walk_init(&walk, piece, REACH);
	uint32_t found;

	while (piece->len - at >= WINDOW + REACH) {
		if (piece->len - at >= 2 * WINDOW && copy_ascii(piece, at)) {
			walk.stretch = 0;
			at += 2 * WINDOW;
			continue;
		}
		found = joiners(piece->in + at, load(piece->in + at));
		store(
		    piece->end - at - WINDOW, reversed(turned(piece->in + at)));
		if (found == 0) {
			walk.stretch = 0;
			at += WINDOW;
			continue;
		}
		at = cluster_walk_joiners(&walk,
		    at + (size_t)__builtin_ctz(found),
		    at + WINDOW - (size_t)__builtin_clz(found));
	}
	return cluster_walk_end(&walk, at);
}

const struct text_kernel text_kernel_avx2 = {
	.name = "avx2",
	.bytes = avx2_bytes,
	.valid = avx2_valid,
	.codepoints = avx2_codepoints,
	.graphemes = graphemes,
};

#endif
