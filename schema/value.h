/*
 * Values of fixed length that are no opaque.  For schema/ alone.
 */
#ifndef SCHEMA_VALUE_H
#define SCHEMA_VALUE_H

#include "schema/part.h"

/* Bytes of one on the wire. */
size_t value_size(enum schema_kind kind);

/* Fills in the number of a part that has its bytes, and its name if it has
 * one. */
void value_read(struct part *part, const uint8_t *bytes);

/* The same of a word, whatever the part's type is. */
void value_read_word(struct part *part, const uint8_t *bytes);

#endif
