/*
 * Clusters by the rules, a window at a time: see text/rules_avx512.h.  The
 * classes of all characters of a window are looked up at once, each rule is
 * applied to all of them as arithmetic on sets (text/rules.h), and two
 * permutations put the clusters in order.
 */
#include "text/rules_avx512.h"

#ifdef TEXT_KERNEL_X86

#include "text/rules.h"
#include "text/tables.h"
#include "text/utf8.h"
#include "text/window_avx512.h"

/* More blocks of 128 characters in a window end the use of the rules. */
#define BLOCKS_MAX 4

/*
 * A block of 128 characters, which have the same bytes but for the last one
 * and the lowest bit of the one before, and their classes.
 */
struct block {
	size_t length; /* of a character: 2 to 4 bytes */
	uint8_t bytes[4];
	window low, high;
};

/* The block of the character at in. */
INLINE void
learn(struct block *block, const uint8_t *in)
{
	const uint8_t *classes;
	uint32_t point;

	block->length = utf8_decode(in, &point);
	for (size_t i = 0; i < block->length; i++)
		block->bytes[i] = in[i];
	classes = text_class_of + text_class_block[point >> 7] * 128u;
	block->low = load(classes);
	block->high = load(classes + WINDOW);
}

/* Finds the leads at p that are of the block, and puts their classes there. */
INLINE set
look_up(const struct block *block, const uint8_t *p, set leads, window *classes)
{
	window last = load(p + block->length - 1), low;
	window before = load(p + block->length - 2);
	set found = leads &
	    equal(_mm512_and_si512(before, every(0xfe)),
		block->bytes[block->length - 2] & 0xfe);

	for (size_t i = 0; i + 2 < block->length; i++)
		found &= equal(load(p + i), block->bytes[i]);
	/* Six of the seven bits are in the last byte. */
	low = _mm512_ternarylogic_epi64(every(0x3f), last,
	    _mm512_slli_epi16(_mm512_and_si512(before, every(1)), 6), 0xea);
	*classes = _mm512_mask_blend_epi8(found, *classes,
	    _mm512_permutex2var_epi8(block->low, low, block->high));
	return found;
}

/*
 * The classes of the characters whose leads are in the window at p, each at its
 * lead, block by block: first those of the last window's block, most often all
 * but ASCII.  Returns false when there are too many blocks to gain.
 */
INLINE bool
classify(
    const uint8_t *p, window w, set leads, struct block *block, window *classes)
{
	set ascii = leads & ~at_least(w, 0x80), left = leads & ~ascii;

	*classes = _mm512_maskz_permutex2var_epi8(
	    ascii, load(text_class_of), w, load(text_class_of + WINDOW));
	left &= ~look_up(block, p, left, classes);
	for (int blocks = 1; left != 0; blocks++) {
		if (blocks == BLOCKS_MAX)
			return false;
		learn(block, p + __builtin_ctzll(left));
		left &= ~look_up(block, p, left, classes);
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
	const window ascending =
	    _mm512_set_epi64(0x3f3e3d3c3b3a3938, 0x3736353433323130,
		0x2f2e2d2c2b2a2928, 0x2726252423222120, 0x1f1e1d1c1b1a1918,
		0x1716151413121110, 0x0f0e0d0c0b0a0908, 0x0706050403020100);
	const window none = _mm512_setzero_si512();
	window from = _mm512_maskz_compress_epi8(starts, ascending);
	window to =
	    _mm512_maskz_compress_epi8(starts & (starts - 1), ascending);
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
	    _mm512_alignr_epi32(_mm512_shuffle_epi8(sums, every(15)), none, 8));
	return _mm512_sub_epi8(sums, ascending);
}

AVX512 size_t
avx512_by_rules(const struct text_piece *piece, size_t at, size_t first)
{
	window w, classes;
	struct block block;
	set leads, starts;

	learn(&block, piece->in + first);
	while (piece->len - at >= WINDOW + REACH) {
		w = load(piece->in + at);
		leads = ~between(w, 0x80, 0xbf);
		if (!classify(piece->in + at, w, leads, &block, &classes))
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

#endif
