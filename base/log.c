#include "base/log.h"

#include "base/printable.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024 };

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

/*
 * The one variable of the whole program that hangs off nothing: lines come
 * from everywhere, and from any thread.
 */
static struct log_state {
	enum log_level level;
	atomic_ulong lost; /* lines, since the last one that was written */
} state = { .level = LOG_LEVEL_INFO };

void
log_set_level(enum log_level level)
{
	state.level = level;
}

static char *
put_text(char *at, const char *text)
{
	size_t len = strlen(text);

	memcpy(at, text, len);
	return at + len;
}

/* With zeros before it up to that many digits. */
static char *
put_number(char *at, unsigned long number, int digits)
{
	char reversed[24];
	int used = 0;

	while (number > 0 || used < digits) {
		reversed[used++] = (char)('0' + number % 10);
		number /= 10;
	}
	while (used > 0)
		*at++ = reversed[--used];
	return at;
}

/* The wall clock is for people who read the log; nothing measures with it. */
static size_t
put_prefix(char *line, size_t size, enum log_level level)
{
	struct timespec now = { 0, 0 };
	struct tm utc = { .tm_isdst = 0 };
	size_t used;
	int n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	used = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
	n = snprintf(line + used, size - used, ".%03ldZ %s ",
	    now.tv_nsec / 1000000, level_names[level]);
	return used + (size_t)n;
}

/*
 * A log that nobody reads is nobody's reason to stop: what cannot be written
 * without waiting is not.  Where there is room for anything, a pipe has room
 * for a line.
 */
static bool
write_line(const char *line, size_t len)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t n;

	if (poll(&out, 1, 0) != 1 || (out.revents & POLLOUT) == 0)
		return false;
	do
		n = write(STDERR_FILENO, line, len);
	while (n < 0 && errno == EINTR);
	return n >= 0;
}

/* As much of the text as there is room for, and a newline in the place of the
 * last escape. */
static size_t
put_fact(char *out, size_t size, const char *text)
{
	size_t len;

	printable(out, size - PRINTABLE_ESCAPE + 1, text, strlen(text));
	len = strlen(out);
	out[len++] = '\n';
	return len;
}

static bool PRINTF_LIKE(2, 0)
    put_line(enum log_level level, const char *format, va_list args)
{
	char fact[LINE_MAX_BYTES] = "";
	char line[LINE_MAX_BYTES];
	size_t used = put_prefix(line, sizeof(line), level);

	vsnprintf(fact, sizeof(fact), format, args);
	used += put_fact(line + used, sizeof(line) - used, fact);
	return write_line(line, used);
}

static bool PRINTF_LIKE(2, 3) put(enum log_level level, const char *format, ...)
{
	va_list args;
	bool done;

	va_start(args, format);
	done = put_line(level, format, args);
	va_end(args);
	return done;
}

static void PRINTF_LIKE(2, 0)
    log_line(enum log_level level, const char *format, va_list args)
{
	int saved = errno;
	unsigned long before;

	if (level > state.level)
		return;
	before = atomic_exchange(&state.lost, 0);
	if (before > 0 &&
	    !put(LOG_LEVEL_WARN, "log lines lost count=%lu", before))
		atomic_fetch_add(&state.lost, before);
	if (!put_line(level, format, args))
		atomic_fetch_add(&state.lost, 1);
	errno = saved;
}

#define DEFINE_LEVEL(name, level)              \
	void name(const char *format, ...)     \
	{                                      \
		va_list args;                  \
                                               \
		va_start(args, format);        \
		log_line(level, format, args); \
		va_end(args);                  \
	}

DEFINE_LEVEL(log_error, LOG_LEVEL_ERROR)
DEFINE_LEVEL(log_warn, LOG_LEVEL_WARN)
DEFINE_LEVEL(log_info, LOG_LEVEL_INFO)

/* Whole lines, as many as a pipe that has room for anything has room for. */
static size_t
piece_of(const char *lines, size_t len)
{
	size_t piece = MIN_OF(len, (size_t)LOG_PIECE);

	while (piece > 0 && lines[piece - 1] != '\n')
		piece--;
	return piece;
}

void
log_lines(const char *lines, size_t len)
{
	int saved = errno;
	size_t piece;

	if (state.level < LOG_LEVEL_INFO)
		return;
	for (; (piece = piece_of(lines, len)) > 0; lines += piece, len -= piece)
		if (!write_line(lines, piece))
			atomic_fetch_add(&state.lost, 1);
	errno = saved;
}

void
log_error_in_handler(const char *fact, unsigned long number)
{
	struct timespec now = { 0, 0 };
	char line[LINE_MAX_BYTES];
	int saved = errno;
	char *at = line;

	clock_gettime(CLOCK_REALTIME, &now);
	at = put_text(at, "@");
	at = put_number(at, (unsigned long)now.tv_sec, 1);
	at = put_text(at, ".");
	at = put_number(at, (unsigned long)now.tv_nsec / 1000000, 3);
	at = put_text(at, " error ");
	at = put_text(at, fact);
	at = put_number(at, number, 1);
	at = put_text(at, "\n");
	write_line(line, (size_t)(at - line));
	errno = saved;
}

static void PRINTF_LIKE(2, 3) say(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(level, format, args);
	va_end(args);
}

void
log_limit_tell(struct log_limit *limit)
{
	if (limit->suppressed > 0)
		say(limit->level, "log lines suppressed count=%" PRIu64,
		    limit->suppressed);
	limit->suppressed = 0;
}

/* True when one more line may be written in this second. */
static bool
limit_allows(struct log_limit *limit, uint64_t now_ms, enum log_level level)
{
	uint64_t second = now_ms / 1000;

	if (level > state.level)
		return false;
	if (second != limit->second) {
		log_limit_tell(limit);
		limit->second = second;
		limit->lines = 0;
	}
	if (limit->lines >= LOG_LIMIT_LINES) {
		limit->suppressed++;
		limit->level = level;
		return false;
	}
	limit->lines++;
	return true;
}

#define DEFINE_LIMITED(name, level)                                            \
	void name(                                                             \
	    struct log_limit *limit, uint64_t now_ms, const char *format, ...) \
	{                                                                      \
		va_list args;                                                  \
                                                                               \
		if (!limit_allows(limit, now_ms, level))                       \
			return;                                                \
		va_start(args, format);                                        \
		log_line(level, format, args);                                 \
		va_end(args);                                                  \
	}

DEFINE_LIMITED(log_warn_limited, LOG_LEVEL_WARN)
DEFINE_LIMITED(log_info_limited, LOG_LEVEL_INFO)
DEFINE_LIMITED(log_debug_limited, LOG_LEVEL_DEBUG)

char *
log_escape(char *out, size_t size, const void *bytes, size_t len)
{
	const unsigned char *in = bytes;
	char *at = out;

	for (size_t i = 0; i < len && out + size - at > PRINTABLE_ESCAPE; i++) {
		if (in[i] > ' ' && in[i] < 0x7f && in[i] != '\\')
			*at++ = (char)in[i];
		else
			at = printable_escape(at, in[i]);
	}
	*at = '\0';
	return out;
}
