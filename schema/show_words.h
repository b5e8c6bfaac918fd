/*
 * A part in words, which have no colours.  For schema/ alone.
 */
#ifndef SCHEMA_SHOW_WORDS_H
#define SCHEMA_SHOW_WORDS_H

#include "schema/part.h"

enum {
	SHOW_WORDS_MAX = 400, /* bytes of words */
	SHOW_MARK = 4,        /* bytes of a record mark */
};

/* Writes them, cut to so many columns; "" when there is nothing to say.  bytes
 * are those of the message. */
void show_words(char out[SHOW_WORDS_MAX], unsigned int columns,
    const struct part *part, const uint8_t *bytes);

/* Those of so many bytes of record marks, before a message of len bytes. */
void show_words_of_marks(char out[SHOW_WORDS_MAX], size_t marks, size_t len);

#endif
