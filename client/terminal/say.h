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

/* The state of this module is the only one of the client's, and set before
 * threads start.  The default is SAY_ERRORS. */
void say_at(enum verbosity level);

/* Told of a failure, whatever the verbosity: its message is not ended. */
typedef void say_failure_fn(
    void *context, const char *status, const char *message, size_t len);

/* Who is told; the context is borrowed. */
void say_failures_to(say_failure_fn *tell, void *context);

/* What failed, in one line; "reverse: " is put before it.  status is the name
 * of its status (client/session/status_name.h). */
void say_failure(const char *status, const char *format, ...) PRINTF_LIKE(2, 3);

/* What a user should know, likewise, that is no failure. */
void say_note(const char *format, ...) PRINTF_LIKE(1, 2);

/* One step of many, said with -v only. */
void say_step(const char *format, ...) PRINTF_LIKE(1, 2);

/* A call as --trace shows it, whatever the verbosity: a line, and after it
 * others, which are printable but for colours. */
void say_trace(const void *lines, size_t len, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Bytes of the longest line that tells how far something is, with its NUL. */
#define SAY_PROGRESS_MAX 160

/*
 * How far something is: a line at the end of what a terminal has, until another
 * one or any message takes its place.  It is ASCII, shorter than the terminal
 * has columns, and not shown while another job has the terminal.  False: it is
 * not to be shown any more.
 */
bool say_progress(const char *line);
void say_end_progress(void);

/* Whether there is a terminal for it, and its user wants messages. */
bool say_shows_progress(void);

/* Output begins that would come in between, now or later: none is shown any
 * more. */
void say_no_progress(void);

/* The columns of the terminal; 80 if it does not know. */
unsigned int say_columns(void);

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

/* Says them as say_failure does a line. */
void say_failure_lines(const char *status, const struct say_lines *lines);

#endif
