/*
 * Words and lines, and every unit one at a time.  For the sources of this
 * folder.
 */
#ifndef TEXT_UNITS_H
#define TEXT_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "text/kernel.h"
#include "text/text.h"

/* Length of the unit that in starts with; len is not 0. */
size_t unit_length(const uint8_t *in, size_t len, enum text_by by);

text_function words_reverse;
text_function lines_reverse;

#endif
