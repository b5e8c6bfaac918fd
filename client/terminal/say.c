/*
 * say: messages, made in a buffer, escaped into another and written at once.
 */
#include "client/terminal/say.h"

#include "base/printable.h"
#include "client/exit_code.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
	enum verbosity level;
	say_failure_fn *tell; /* of failures; NULL: nobody */
	void *context;
	int progress;     /* columns of how far it is, on the terminal */
	bool no_progress; /* it is not shown any more */
} state = { .level = SAY_ERRORS };

void
say_at(enum verbosity level)
{
	state.level = level;
}

void
say_failures_to(say_failure_fn *tell, void *context)
{
	state.tell = tell;
	state.context = context;
}

/* Adds a line; where not even its end has room, nothing. */
static void PRINTF_LIKE(2, 0)
    add(struct say_lines *lines, const char *format, va_list args)
{
	size_t room = sizeof(lines->text) - lines->len;
	char plain[SAY_MAX], *at = lines->text + lines->len;

	if (room < 2)
		return;
	vsnprintf(plain, sizeof(plain), format, args);
	printable(at, room - 1, plain, strlen(plain));
	lines->len += strlen(at);
	lines->text[lines->len++] = '\n';
}

/* Another job that has the terminal is not written into. */
static bool
has_terminal(void)
{
	pid_t group = tcgetpgrp(STDERR_FILENO);

	return group < 0 || group == getpgrp();
}

/* Written in the place of the line that is shown, of which nothing stays. */
static void
replace_progress(const char *line, const char *then)
{
	char text[2 * SAY_PROGRESS_MAX];
	int len = snprintf(
	    text, sizeof(text), "\r%-*s%s", state.progress, line, then);

	state.progress = (int)strlen(line);
	/* As with messages. */
	if (has_terminal() && write(STDERR_FILENO, text, (size_t)len) < 0)
		return;
}

bool
say_progress(const char *line)
{
	if (!state.no_progress)
		replace_progress(line, "");
	return !state.no_progress;
}

void
say_end_progress(void)
{
	if (state.progress > 0)
		replace_progress("", "\r");
}

bool
say_shows_progress(void)
{
	return state.level >= SAY_ERRORS && !state.no_progress &&
	    isatty(STDERR_FILENO);
}

void
say_no_progress(void)
{
	say_end_progress();
	state.no_progress = true;
}

unsigned int
say_columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
	    ? size.ws_col
	    : 80;
}

/* One write for each message, so that messages do not mix. */
static void
write_more(const char *prefix, const struct say_lines *lines, const void *more,
    size_t len)
{
	struct iovec parts[] = {
		{ (void *)prefix, strlen(prefix) },
		{ (void *)lines->text, lines->len },
		{ (void *)(uintptr_t)more, len },
	};

	say_end_progress();
	/* There is nobody left to tell when this fails. */
	if (writev(STDERR_FILENO, parts, ARRAY_LEN(parts)) < 0)
		return;
}

static void
write_lines(const char *prefix, const struct say_lines *lines)
{
	write_more(prefix, lines, NULL, 0);
}

static void PRINTF_LIKE(2, 0)
    say(const char *prefix, const char *format, va_list args)
{
	struct say_lines lines;

	lines.len = 0;
	add(&lines, format, args);
	write_lines(prefix, &lines);
}

void
say_failure(const char *status, const char *format, ...)
{
	struct say_lines lines;
	va_list args;

	lines.len = 0;
	va_start(args, format);
	add(&lines, format, args);
	va_end(args);
	say_failure_lines(status, &lines);
}

void
say_note(const char *format, ...)
{
	va_list args;

	if (state.level < SAY_ERRORS)
		return;
	va_start(args, format);
	say("reverse: ", format, args);
	va_end(args);
}

void
say_step(const char *format, ...)
{
	va_list args;

	if (state.level < SAY_STEPS)
		return;
	va_start(args, format);
	say("reverse: ", format, args);
	va_end(args);
}

void
say_trace(const void *more, size_t len, const char *format, ...)
{
	struct say_lines lines;
	va_list args;

	lines.len = 0;
	va_start(args, format);
	add(&lines, format, args);
	va_end(args);
	write_more("trace: ", &lines, more, len);
}

bool
say_has_colours(void)
{
	const char *unwanted = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return (unwanted == NULL || *unwanted == '\0') && terminal != NULL &&
	    strcmp(terminal, "dumb") != 0 && isatty(STDERR_FILENO);
}

int
say_no_memory(void)
{
	say_failure("RESOURCE_EXHAUSTED", "out of memory");
	return EXIT_FAILED;
}

void
say_line(struct say_lines *lines, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(lines, format, args);
	va_end(args);
}

void
say_append(struct say_lines *lines, const struct say_lines *more)
{
	size_t len = more->len, room = sizeof(lines->text) - lines->len;

	while (len > 0 && (len > room || more->text[len - 1] != '\n'))
		len--;
	memcpy(lines->text + lines->len, more->text, len);
	lines->len += len;
}

void
say_failure_lines(const char *status, const struct say_lines *lines)
{
	if (state.level >= SAY_ERRORS)
		write_lines("reverse: ", lines);
	if (state.tell != NULL)
		state.tell(state.context, status, lines->text,
		    lines->len > 0 ? lines->len - 1 : 0);
}
