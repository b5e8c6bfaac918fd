/*
 * Clusters by the rules of UAX #29, for text with many joiners.  For the kernel
 * of AVX-512.
 */
#ifndef TEXT_RULES_AVX512_H
#define TEXT_RULES_AVX512_H

#include "text/kernel_x86.h"

#ifdef TEXT_KERNEL_X86

/*
 * Does clusters from the boundary at on as long as there are joiners
 * (text/cluster.h), and characters of few blocks.  One of them, which is not
 * ASCII, is at first.  Returns the boundary where it stopped, maybe at.
 */
size_t avx512_by_rules(const struct text_piece *piece, size_t at, size_t first);

#endif
#endif
