/*
 * A dissector: a script in Lua by which Wireshark shows arguments and results
 * field by field, as a schema describes them.
 */
#ifndef SCHEMA_DISSECTOR_H
#define SCHEMA_DISSECTOR_H

#include "base/buffer.h"
#include "schema/schema.h"

/* Adds the script for all programs of a schema.  Its fields are called after
 * the file, as rpcgen's output is.  Returns 0, BUFFER_FULL or -ENOMEM. */
int dissector_add(struct buffer *out, const struct schema *schema);

#endif
