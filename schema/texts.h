/*
 * Interfaces that are built in, as the Makefile embeds them.
 */
#ifndef SCHEMA_TEXTS_H
#define SCHEMA_TEXTS_H

#include <stddef.h>

/* reverse.x */
extern const unsigned char schema_text[];
extern const size_t schema_size;

/* schema/rpc.x and schema/rpcbind.x */
extern const unsigned char rpc_x_text[], rpcbind_x_text[];
extern const size_t rpc_x_size, rpcbind_x_size;

/* schema/dissector_fields.lua, dissector_values.lua, dissector_messages.lua */
extern const unsigned char dissector_fields_text[], dissector_values_text[],
    dissector_messages_text[];
extern const size_t dissector_fields_size, dissector_values_size,
    dissector_messages_size;

#endif
