/*
 * Graphemes for x86 processors with AVX-512 and its byte permutations (VBMI):
 * see text/kernel.h, and text/kernel_avx2.c for how windows without joiners
 * are done.  Windows with many joiners go by the rules: the classes of all
 * their characters are looked up at once, and each rule of UAX #29 is applied
 * to all of them as arithmetic on sets (text/rules.h).
 *
 * The other loops gain little from wider registers, and stay those of AVX2.
 */
#include "text/kernel_x86.h"

#ifdef TEXT_KERNEL_X86

#include <immintrin.h>

#include "text/cluster.h"
#include "text/rules.h"
#include "text/tables.h"
#include "text/utf8.h"

#define FEATURES "avx2,bmi2,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2"
#define AVX512   __attribute__((target(FEATURES)))
#define INLINE   static inline __attribute__((target(FEATURES), always_inline))

#define WINDOW ((size_t)64)
#define REACH  ((size_t)3)

/* More blocks of 128 characters in a window are left to the automaton. */
#define BLOCKS_MAX 4

/*
 * So are windows with fewer joiners than this, or with characters of four
 * bytes, emoji above all, which spread over many blocks.
 */
#define JOINERS_MIN 4

typedef __m512i window;

/* A bit for each byte of a window. */
typedef __mmask64 set;

INLINE window
load(const uint8_t *p)
{
	return _mm512_loadu_si512(p);
}

INLINE void
store(uint8_t *p, window w)
{
	_mm512_storeu_si512(p, w);
}

INLINE window
every(int byte)
{
	return _mm512_set1_epi8((char)byte);
}

INLINE set
at_least(window w, int least)
{
	return _mm512_cmpge_epu8_mask(w, every(least));
}

INLINE set
equal(window w, int byte)
{
	return _mm512_cmpeq_epi8_mask(w, every(byte));
}

INLINE set
between(window w, int low, int high)
{
	return _mm512_cmple_epu8_mask(
	    _mm512_sub_epi8(w, every(low)), every(high - low));
}

INLINE window
reversed(window w)
{
	const window order =
	    _mm512_set_epi64(0x0001020304050607, 0x08090a0b0c0d0e0f,
		0x1011121314151617, 0x18191a1b1c1d1e1f, 0x2021222324252627,
		0x28292a2b2c2d2e2f, 0x3031323334353637, 0x38393a3b3c3d3e3f);

	return _mm512_permutexvar_epi8(order, w);
}

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
	window table = _mm512_broadcast_i32x4(
	    _mm_loadu_si128((const __m128i *)entries));

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
	set found = equal(w, '\r'), three = between(w, 0xe0, 0xef);

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

/*
 * The classes of the characters whose leads are in the window at p, each at its
 * lead.  Characters of one block of 128 are looked up together: its classes
 * fit two registers.  Returns false when there are too many blocks to gain.
 */
INLINE bool
classify(const uint8_t *p, window w, set leads, window *classes)
{
	set ascii = leads & ~at_least(w, 0x80), left = leads & ~ascii, same;
	const uint8_t *first, *block;
	window low, last, before;
	uint32_t point;
	size_t length;

	*classes = _mm512_maskz_permutex2var_epi8(
	    ascii, load(text_class_of), w, load(text_class_of + WINDOW));
	for (int blocks = 0; left != 0; blocks++) {
		if (blocks == BLOCKS_MAX)
			return false;
		first = p + __builtin_ctzll(left);
		length = utf8_decode(first, &point);
		block = text_class_of + text_class_block[point >> 7] * 128u;
		/* Six of the seven bits are in the last byte. */
		last = load(p + length - 1);
		before = load(p + length - 2);
		same = left & equal(_mm512_and_si512(before, every(0xfe)),
				  first[length - 2] & 0xfe);
		for (size_t i = 0; i + 2 < length; i++)
			same &= equal(load(p + i), first[i]);
		low = _mm512_ternarylogic_epi64(every(0x3f), last,
		    _mm512_slli_epi16(_mm512_and_si512(before, every(1)), 6),
		    0xea);
		*classes = _mm512_mask_blend_epi8(same, *classes,
		    _mm512_permutex2var_epi8(
			load(block), low, load(block + WINDOW)));
		left &= ~same;
	}
	*classes = _mm512_and_si512(*classes, every(TEXT_CLASS_MASK));
	return true;
}

/* The characters of the classes from low to high. */
INLINE uint64_t
of(window classes, set leads, enum text_class low, enum text_class high)
{
	return _pext_u64(between(classes, (int)low, (int)high), leads);
}

INLINE bool
has(window classes, enum text_class low, enum text_class high)
{
	return between(classes, (int)low, (int)high) != 0;
}

/* What the rules about the characters before the mark join: GB9c, GB11. */
INLINE uint64_t
joined_by_marks(window classes, set leads)
{
	uint64_t zwj = of(classes, leads, CLASS_ZWJ, CLASS_ZWJ);
	uint64_t linkers, joined = 0;

	if (has(classes, CLASS_LINKER, CLASS_LINKER)) {
		linkers = of(classes, leads, CLASS_LINKER, CLASS_LINKER);
		joined |= rules_conjunct(
		    of(classes, leads, CLASS_CONSONANT, CLASS_CONSONANT),
		    of(classes, leads, CLASS_EXTEND, CLASS_EXTEND) | linkers |
			zwj,
		    linkers);
	}
	if (zwj != 0)
		joined |=
		    rules_pictograph(of(classes, leads, CLASS_PICT, CLASS_PICT),
			of(classes, leads, CLASS_EXTEND, CLASS_LINKER), zwj);
	return joined;
}

/* What no rule about marks joins. */
INLINE uint64_t
joined_by_others(window classes, set leads)
{
	uint64_t joined = 0;

	if (has(classes, CLASS_RI, CLASS_PREPEND))
		joined |= rules_flag(of(classes, leads, CLASS_RI, CLASS_RI)) |
			  rules_behind(
			      of(classes, leads, CLASS_PREPEND, CLASS_PREPEND));
	if (has(classes, CLASS_L, CLASS_T))
		joined |= rules_hangul(of(classes, leads, CLASS_L, CLASS_L),
		    of(classes, leads, CLASS_V, CLASS_V),
		    of(classes, leads, CLASS_T, CLASS_T),
		    of(classes, leads, CLASS_LV, CLASS_LV),
		    of(classes, leads, CLASS_LVT, CLASS_LVT));
	return joined;
}

/* The characters that begin clusters, if the first one does. */
INLINE uint64_t
find_boundaries(window classes, set leads)
{
	uint64_t controls, joined = joined_by_others(classes, leads);

	if (has(classes, CLASS_EXTEND, CLASS_ZWJ))
		joined |= of(classes, leads, CLASS_EXTEND, CLASS_ZWJ) |
			  joined_by_marks(classes, leads);
	joined |= of(classes, leads, CLASS_SPACING, CLASS_SPACING);
	if (has(classes, CLASS_CR, CLASS_CONTROL)) {
		controls = of(classes, leads, CLASS_CR, CLASS_CONTROL);
		joined &= ~(controls | rules_behind(controls));
		joined |= of(classes, leads, CLASS_LF, CLASS_LF) &
			  rules_behind(of(classes, leads, CLASS_CR, CLASS_CR));
	}
	return ~joined | 1;
}

/*
 * Which byte takes the place of each one when the bytes of every cluster are
 * reversed; starts has the first bytes.  Byte i of the cluster that begins at s
 * and ends before e gives way to s + e - 1 - i: that sum is put at the start of
 * each cluster and, since the sums grow, spread over its bytes by maxima.
 */
INLINE window
turned_clusters(set starts)
{
	const window ascending = _mm512_set_epi64(0x3f3e3d3c3b3a3938,
	    0x3736353433323130, 0x2f2e2d2c2b2a2928, 0x2726252423222120,
	    0x1f1e1d1c1b1a1918, 0x1716151413121110, 0x0f0e0d0c0b0a0908,
	    0x0706050403020100);
	const window none = _mm512_setzero_si512();
	window from = _mm512_maskz_compress_epi8(starts, ascending);
	window to = _mm512_maskz_compress_epi8(starts & (starts - 1), ascending);
	window sums = _mm512_add_epi8(from, _mm512_sub_epi8(to, every(1)));

	sums = _mm512_maskz_expand_epi8(starts, sums);
	sums = _mm512_max_epu8(sums, _mm512_bslli_epi128(sums, 1));
	sums = _mm512_max_epu8(sums, _mm512_bslli_epi128(sums, 2));
	sums = _mm512_max_epu8(sums, _mm512_bslli_epi128(sums, 4));
	sums = _mm512_max_epu8(sums, _mm512_bslli_epi128(sums, 8));
	/* The last sum of 16 bytes also holds for those behind. */
	sums = _mm512_max_epu8(sums,
	    _mm512_alignr_epi32(
		_mm512_shuffle_epi8(sums, every(15)), none, 12));
	sums = _mm512_max_epu8(sums,
	    _mm512_alignr_epi32(
		_mm512_shuffle_epi8(sums, every(15)), none, 8));
	return _mm512_sub_epi8(sums, ascending);
}

/*
 * Does clusters from the boundary at on, window by window as long as there are
 * joiners.  Returns the boundary where it stopped.
 */
AVX512 static size_t
do_joiners(const struct text_piece *piece, size_t at)
{
	window w, classes;
	set leads, starts;

	while (piece->len - at >= WINDOW + REACH) {
		w = load(piece->in + at);
		leads = ~between(w, 0x80, 0xbf);
		if (!classify(piece->in + at, w, leads, &classes))
			break;
		starts = _pdep_u64(find_boundaries(classes, leads), leads);
		w = _mm512_permutexvar_epi8(turned_clusters(starts), w);
		store(piece->end - at - WINDOW, reversed(w));
		at += WINDOW - 1 - (size_t)__builtin_clzll(starts);
		if (starts == 1 || !has(classes, CLASS_EXTEND, CLASS_T))
			break;
	}
	return at;
}

AVX512 static size_t
graphemes(const struct text_piece *piece)
{
	struct cluster_walk walk;
	size_t at, first, behind;
	set found;
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
		if (__builtin_popcountll(found) >= JOINERS_MIN &&
		    at_least(w, 0xf0) == 0) {
			walk.floor = cluster_walk_before(&walk, first);
			at = do_joiners(piece, walk.floor);
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
	.bytes_inplace = avx2_bytes_inplace,
	.valid = avx2_valid,
	.codepoints = avx2_codepoints,
	.graphemes = graphemes,
};

#endif
