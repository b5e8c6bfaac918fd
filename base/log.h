/*
 * Log lines on standard error.
 *
 * One event is one line: the time, the level, the fact in lower case, then
 * key=value pairs.  A line is written by a single write(2), so lines of
 * several threads do not mix.  It is made printable (base/printable.h), so that
 * no name or path can end a line and make up the next.  What came from the wire
 * goes through log_escape() first, which hides blanks as well.  Payload is
 * never logged, but by log_lines() when somebody has asked for it.
 *
 * A line that would have to wait for a reader of the log is lost; the first
 * one that is not is preceded by how many were.  SIGPIPE must be ignored.
 *
 * The level is set before threads start.  No function here changes errno.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

#include <stddef.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR, /* the program stops, or a part of it is lost */
	LOG_LEVEL_WARN,  /* something is wrong, and the program goes on */
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/* Lines above this level are dropped.  The default is LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);

void log_error(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warn(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);

/*
 * Lines that are printable already, and belong to the line of log_info() before
 * them; each is shorter than LOG_PIECE bytes.  They have no time and no level.
 * They are lost as others are, several at a time.
 */
#define LOG_PIECE 4096
void log_lines(const char *lines, size_t len);

/*
 * As log_error("fact%lu", number), for a signal handler: it allocates nothing
 * and takes no lock.  The fact is short, and ends in "key=".  The C library
 * tells no handler the date: the line begins with the seconds since 1970,
 * @1767225600.000, as date(1) reads them.
 */
void log_error_in_handler(const char *fact, unsigned long number);

/*
 * Bounds the lines that peers can cause.  Zeroed is a valid start.  At most
 * LOG_LIMIT_LINES lines are let through in one second; what was held back is
 * counted, and told before the first line of a later second, at the level that
 * it had.
 */
#define LOG_LIMIT_LINES 10

struct log_limit {
	uint64_t second; /* of the clock, in which lines are counted */
	unsigned int lines;
	uint64_t suppressed;  /* and not told yet */
	enum log_level level; /* of the last of those */
};

/* As log_warn() and log_info(), at most as often as the limit allows; and what
 * is for whoever wants to see each step. */
void log_warn_limited(struct log_limit *limit, uint64_t now_ms,
    const char *format, ...) PRINTF_LIKE(3, 4);
void log_info_limited(struct log_limit *limit, uint64_t now_ms,
    const char *format, ...) PRINTF_LIKE(3, 4);
void log_debug_limited(struct log_limit *limit, uint64_t now_ms,
    const char *format, ...) PRINTF_LIKE(3, 4);

/* Tells what was held back, if anything: there will be no later line. */
void log_limit_tell(struct log_limit *limit);

/*
 * Writes bytes from the wire as printable ASCII without blanks: all others
 * as \xHH.  The result is cut to fit and always ends in NUL.  Returns out.
 */
char *log_escape(char *out, size_t size, const void *bytes, size_t len);

#endif
