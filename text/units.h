/*
 * Words and lines, and every unit one at a time.  For the sources of this
 * folder.
 */
#ifndef TEXT_UNITS_H
#define TEXT_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/text.h"

/* Length of the unit that in starts with; len is not 0. */
size_t unit_length(const uint8_t *in, size_t len, enum text_by by);

/* text_functions (text/kernel.h). */
size_t words_reverse(uint8_t *out, uint8_t *end, const uint8_t *in,
    size_t len, bool last);
size_t lines_reverse(uint8_t *out, uint8_t *end, const uint8_t *in,
    size_t len, bool last);

#endif
