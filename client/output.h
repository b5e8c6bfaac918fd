/*
 * output: results, on standard output.
 *
 * A failure to write is remembered, later output is dropped, and
 * output_finish tells of it once.
 */
#ifndef CLIENT_OUTPUT_H
#define CLIENT_OUTPUT_H

#include "common/base.h"

#include <stdbool.h>
#include <stddef.h>

void output_bytes(const void *bytes, size_t len);
void output_text(const char *format, ...) PRINTF_LIKE(1, 2);

/*
 * Hands what was written so far to whoever reads.  false: nobody gets any more
 * of it, so a command without an end has to end.
 */
bool output_flush(void);

/*
 * Flushes.  Returns EXIT_DONE, also when the reader went away: it has what it
 * wanted.  Returns EXIT_FAILED, and says why, for any other failure.
 */
int output_finish(void);

#endif
