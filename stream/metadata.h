/*
 * Metadata that comes back with a result.
 *
 * Results own their memory, which rpcgen's code frees with xdr_free() once the
 * reply is encoded: so everything in them comes from malloc.
 */
#ifndef STREAM_METADATA_H
#define STREAM_METADATA_H

#include <reverse.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Copies bytes into a variable-length field (its _len and _val).  Returns
 * false when memory is out; the field is then empty.
 */
bool metadata_copy(u_int *len, char **val, const void *bytes, size_t size);

/*
 * Copies the metadata whose key starts with "echo-" into a result's (its
 * metadata_len and metadata_val).  Returns false when memory is out; what was
 * copied until then is in the result.
 */
bool metadata_echo(const call_context *context, u_int *len, metadatum **val);

/* Bytes of memory that they take. */
size_t metadata_size(const metadatum *val, u_int len);

/* Frees them.  May be called twice. */
void metadata_free(u_int *len, metadatum **val);

#endif
