/*
 * A value to begin with, for whoever has to write one: zeroes and empty texts,
 * the first word of an enum, the first case of a union, one element of an
 * array, and nothing where nothing may be.
 */
#ifndef SCHEMA_SAMPLE_H
#define SCHEMA_SAMPLE_H

#include "base/buffer.h"
#include "schema/schema.h"

/* Adds its bytes.  Returns 0, BUFFER_FULL or -ENOMEM. */
int sample_value(struct buffer *out, const struct schema_field *field);

#endif
