/*
 * Windows of 64 bytes in a register of AVX-512, for the sources that use it.
 * Their functions carry AVX512 or INLINE; everything else in the program is
 * compiled for any x86.
 */
#ifndef TEXT_WINDOW_AVX512_H
#define TEXT_WINDOW_AVX512_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define FEATURES "avx2,bmi2,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2"
#define AVX512   __attribute__((target(FEATURES)))
#define INLINE   static inline __attribute__((target(FEATURES), always_inline))

#define WINDOW ((size_t)64)
#define REACH  ((size_t)3) /* how far around a window may be read */

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

#endif
