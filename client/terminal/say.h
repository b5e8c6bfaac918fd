/*
 * say: what people read, on standard error.  Results never go there.
 */
#ifndef CLIENT_TERMINAL_SAY_H
#define CLIENT_TERMINAL_SAY_H

#include "base/base.h"

#include <stddef.h>

enum verbosity { SAY_NOTHING, SAY_ERRORS, SAY_STEPS };

/* The only state; set before threads start.  The default is SAY_ERRORS. */
void say_at(enum verbosity level);

/* A message without a newline at its end; "reverse: " is put before it. */
void say_error(const char *format, ...) PRINTF_LIKE(1, 2);

/* One step of many, said with -v only. */
void say_step(const char *format, ...) PRINTF_LIKE(1, 2);

/* A call as --trace shows it, whatever the verbosity. */
void say_trace(const char *format, ...) PRINTF_LIKE(1, 2);

/*
 * Writes bytes from the wire so that a terminal may show them: control
 * characters, and whatever is not UTF-8, become \xHH.  The result is cut to
 * fit and always ends in NUL.  Returns out.
 */
char *say_safely(char *out, size_t size, const void *bytes, size_t len);

#endif
