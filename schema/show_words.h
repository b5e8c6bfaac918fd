/*
 * A part in words, which have no colours.  For schema/ alone.
 */
#ifndef SCHEMA_SHOW_WORDS_H
#define SCHEMA_SHOW_WORDS_H

#include "schema/part.h"

/* Bytes of words. */
enum { SHOW_WORDS_MAX = 400 };

/* Writes them, cut to so many columns; "" when there is nothing to say.  bytes
 * are those of the message. */
void show_words(char out[SHOW_WORDS_MAX], unsigned int columns,
    const struct part *part, const uint8_t *bytes);

#endif
