/*
 * The text of reverse.x, built into the daemon for REVERSE_DESCRIBE.
 */
#ifndef SERVER_SERVICE_SCHEMA_H
#define SERVER_SERVICE_SCHEMA_H

#include <stddef.h>

extern const unsigned char schema_text[];
extern const size_t schema_size;

#endif
