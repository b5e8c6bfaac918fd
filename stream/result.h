/*
 * Building the results of procedures.
 *
 * Results own their memory, which rpcgen's code frees with xdr_free() once the
 * reply is encoded: so everything in them comes from malloc.
 */
#ifndef STREAM_RESULT_H
#define STREAM_RESULT_H

#include "base/base.h"

#include <reverse.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Copies bytes into a variable-length field (its _len and _val).  Returns
 * false when memory is out; the field is then empty.
 */
bool result_copy(u_int *len, char **val, const void *bytes, size_t size);

/* As result_copy() for a text, without its NUL. */
bool result_text(u_int *len, char **val, const char *text);

/* Fills in a failure; a detail that does not fit is cut off. */
void result_fail(failure *why, status_code code, const char *format, ...)
    PRINTF_LIKE(3, 4);

/*
 * Copies the metadata whose key starts with "echo-" into a result's (its
 * metadata_len and metadata_val).  Returns false when memory is out; what was
 * copied until then is in the result.
 */
bool result_echo(const call_context *context, u_int *len, metadatum **val);

#endif
