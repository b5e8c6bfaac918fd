/*
 * input: the text of a message, from standard input.
 */
#ifndef CLIENT_TERMINAL_INPUT_H
#define CLIENT_TERMINAL_INPUT_H

#include "client/session/watch.h"

#include <stddef.h>

/* The outcome of input that does not end within the limit. */
#define INPUT_TOO_LONG 1

/*
 * Reads standard input to its end, every byte of it.  *bytes is the caller's
 * to free, after failures too.  Returns 0; INPUT_TOO_LONG when there are more
 * than limit bytes; -EINTR when interrupted; or another negative errno.
 */
int input_read(struct watch *watch, size_t limit, char **bytes, size_t *len);

#endif
