/*
 * Texts and failures in the results of procedures, which own their memory: see
 * stream/metadata.h.
 */
#ifndef SERVER_SERVICE_RESULT_H
#define SERVER_SERVICE_RESULT_H

#include "base/base.h"

#include <reverse.h>
#include <stdbool.h>

/*
 * Copies a text, without its NUL, into a variable-length field (its _len and
 * _val).  Returns false when memory is out; the field is then empty.
 */
bool result_text(u_int *len, char **val, const char *text);

/* Fills in a failure; a detail that does not fit is cut off. */
void result_fail(failure *why, status_code code, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
