/*
 * say: what people read, on standard error.  Results never go there.
 *
 * A message may show what others chose: the words of a server, the name of a
 * file, an address that rpcbind told.  So all that is in a line is made
 * printable (base/printable.h), and lines end where a function here ends them.
 */
#ifndef CLIENT_TERMINAL_SAY_H
#define CLIENT_TERMINAL_SAY_H

#include "base/base.h"

#include <stdbool.h>
#include <stddef.h>

enum verbosity { SAY_NOTHING, SAY_ERRORS, SAY_STEPS };

/* The only state; set before threads start.  The default is SAY_ERRORS. */
void say_at(enum verbosity level);

/* A message of one line; "reverse: " is put before it. */
void say_error(const char *format, ...) PRINTF_LIKE(1, 2);

/* One step of many, said with -v only. */
void say_step(const char *format, ...) PRINTF_LIKE(1, 2);

/* A call as --trace shows it, whatever the verbosity: a line, and after it
 * others, which are printable but for colours. */
void say_trace(const void *lines, size_t len, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Whether standard error is a terminal that shows colours, and the user wants
 * them (https://no-color.org). */
bool say_has_colours(void);

/* Says that memory is short; returns the exit code for it. */
int say_no_memory(void);

/* Bytes of a message, which is cut to fit. */
#define SAY_MAX 8192

/* A message of several lines, or a part of one.  Zeroed it is empty. */
struct say_lines {
	size_t len;
	char text[SAY_MAX];
};

/* Adds a line. */
void say_line(struct say_lines *lines, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Adds the lines of another one, as far as whole ones fit. */
void say_append(struct say_lines *lines, const struct say_lines *more);

/* Says them as say_error does a line. */
void say_lines(const struct say_lines *lines);

#endif
