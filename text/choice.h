/*
 * The inner loops in use.  One set is chosen when the program starts: the
 * fastest the processor has, or the one that the environment variable
 * REVERSE_KERNEL names (portable, avx2, avx512).  A name that is not known, or
 * that the processor lacks, is as if there were none.
 *
 * A plain pointer, since an ifunc resolver runs before a sanitizer is ready.
 */
#ifndef TEXT_CHOICE_H
#define TEXT_CHOICE_H

#include "text/kernel.h"

/* The set in use. */
const struct text_kernel *text_kernel(void);

/*
 * Puts the set in use that the name from the environment, which may be NULL,
 * leads to: what happens when the program starts.
 */
void text_kernel_choose(const char *name);

/*
 * Puts the named set in use, for tests and measurement: no other thread may be
 * in this folder's functions.  Returns 0, or -ENOTSUP and changes nothing.
 */
int text_kernel_use(const char *name);

#endif
