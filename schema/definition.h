/*
 * Types as a file has them, for people: without comments, and with numbers in
 * place of constants.
 */
#ifndef SCHEMA_DEFINITION_H
#define SCHEMA_DEFINITION_H

#include "base/buffer.h"
#include "schema/schema.h"

/* Adds the definition of a type that has a name.  Returns 0, BUFFER_FULL or
 * -ENOMEM. */
int definition_add(struct buffer *out, const struct schema_type *type);

#endif
