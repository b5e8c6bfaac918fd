/*
 * What the kernels for x86 share.  They are compiled on every x86-64 and run
 * where the processor has the instructions.
 */
#ifndef TEXT_KERNEL_X86_H
#define TEXT_KERNEL_X86_H

#include "text/kernel.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define TEXT_KERNEL_X86 1

extern const struct text_kernel text_kernel_avx2;
extern const struct text_kernel text_kernel_avx512;

/* Of the kernel for AVX2, for those that do no better. */
void avx2_bytes(uint8_t *out, const uint8_t *in, size_t len);
size_t avx2_valid(const uint8_t *in, size_t len);
text_function avx2_codepoints;

/*
 * Two bytes in a row that may not be in UTF-8 (Unicode 17.0, table 3-7), by
 * the nibbles of the first and the high nibble of the second: a bit that all
 * three entries have names the fault.  The bit 0x80 alone is none: a
 * continuation follows a continuation, and the bytes before say whether it
 * has to.
 */
extern const uint8_t utf8_first_high[16];
extern const uint8_t utf8_first_low[16];
extern const uint8_t utf8_second_high[16];

/*
 * In the same way by all four nibbles of a lead C0..DF and its continuation: a
 * bit that all entries have is a set of characters with joiners.
 */
extern const uint8_t two_lead_high[16];
extern const uint8_t two_lead_low[16];
extern const uint8_t two_second_high[16];
extern const uint8_t two_second_low[16];

#endif
#endif
