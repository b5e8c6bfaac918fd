/*
 * say: messages, made in a buffer and written at once.
 */
#include "client/terminal/say.h"

#include "text/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Bytes of a message; what is longer is cut. */
#define SAY_MAX 6144

static enum verbosity say_level = SAY_ERRORS;

void
say_at(enum verbosity level)
{
	say_level = level;
}

/* One write for each message, so that messages do not mix. */
static void PRINTF_LIKE(2, 0)
    say(const char *prefix, const char *format, va_list args)
{
	char text[SAY_MAX];
	size_t length;

	strcpy(text, prefix);
	length = strlen(text);
	vsnprintf(text + length, sizeof(text) - length - 1, format, args);
	length = strlen(text);
	text[length++] = '\n';
	/* There is nobody left to tell when this fails. */
	if (write(STDERR_FILENO, text, length) < 0)
		return;
}

void
say_error(const char *format, ...)
{
	va_list args;

	if (say_level < SAY_ERRORS)
		return;
	va_start(args, format);
	say("reverse: ", format, args);
	va_end(args);
}

void
say_step(const char *format, ...)
{
	va_list args;

	if (say_level < SAY_STEPS)
		return;
	va_start(args, format);
	say("reverse: ", format, args);
	va_end(args);
}

void
say_trace(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("trace: ", format, args);
	va_end(args);
}

/* Length of the well-formed sequence at the start of in, 0 if it is not. */
static size_t
sequence_length(const uint8_t *in, size_t len)
{
	size_t length = 1;

	while (length < len && length < 4 && (in[length] & 0xc0) == 0x80)
		length++;
	return text_validate(in, length, NULL) == 0 ? length : 0;
}

/* The controls of ASCII, and those that follow it in Unicode. */
static int
is_control(const uint8_t *in, size_t length)
{
	return in[0] < 0x20 || in[0] == 0x7f ||
	    (length == 2 && in[0] == 0xc2 && in[1] < 0xa0);
}

char *
say_safely(char *out, size_t size, const void *bytes, size_t len)
{
	const uint8_t *in = bytes;
	size_t used = 0;

	while (len > 0) {
		size_t length = sequence_length(in, len);
		char escape[5];

		if (length == 0 || is_control(in, length)) {
			length = 1;
			snprintf(escape, sizeof(escape), "\\x%02x", in[0]);
			if (used + 4 >= size)
				break;
			memcpy(out + used, escape, 4);
			used += 4;
		} else {
			if (used + length >= size)
				break;
			memcpy(out + used, in, length);
			used += length;
		}
		in += length;
		len -= length;
	}
	out[used] = '\0';
	return out;
}
