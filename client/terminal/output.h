/*
 * output: results, on standard output.
 *
 * A failure to write is remembered, later output is dropped, and
 * output_finish tells of it once.
 */
#ifndef CLIENT_TERMINAL_OUTPUT_H
#define CLIENT_TERMINAL_OUTPUT_H

#include "base/base.h"
#include "client/session/watch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void output_bytes(const void *bytes, size_t len);
void output_text(const char *format, ...) PRINTF_LIKE(1, 2);

/*
 * Hands what was written so far to whoever reads.  false: nobody gets any more
 * of it, so a command without an end has to end.
 */
bool output_flush(void);

/*
 * For commands that must not wait for a slow reader.  From output_hold on
 * output stays in memory, until output_release writes it: that returns 0 when
 * nothing is left to write, also because writing failed; -ETIMEDOUT after so
 * many milliseconds or at the watch's deadline, and then it is to be called
 * again; -EINTR when interrupted; or another negative errno.
 */
int output_hold(void);
int output_release(struct watch *watch, uint64_t milliseconds);

/* Writing has failed, and whatever follows will be dropped. */
bool output_failed(void);

/*
 * Flushes.  Returns EXIT_DONE, also when the reader went away: it has what it
 * wanted.  Returns EXIT_FAILED, and says why, for any other failure.
 */
int output_finish(void);

#endif
