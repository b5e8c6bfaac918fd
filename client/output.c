/*
 * output: standard output, and the first error on it.
 *
 * libc forgets which error made a stream fail, and a later flush may find
 * nothing left to write; the first error is kept here.  SIGPIPE is ignored, so
 * a reader that went away shows as EPIPE.
 */
#include "client/output.h"

#include "client/exit_code.h"
#include "client/say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Why standard output failed first, a positive errno; 0 while it has not. */
static int output_error;

static void
check(bool ok)
{
	if (!ok && output_error == 0)
		output_error = errno;
}

void
output_bytes(const void *bytes, size_t len)
{
	/* No bytes may have no place, and fwrite() must be given one. */
	if (output_error == 0 && len > 0)
		check(fwrite(bytes, 1, len, stdout) == len);
}

void
output_text(const char *format, ...)
{
	va_list args;

	if (output_error != 0)
		return;
	va_start(args, format);
	check(vprintf(format, args) >= 0);
	va_end(args);
}

bool
output_flush(void)
{
	check(fflush(stdout) == 0);
	return output_error == 0;
}

int
output_finish(void)
{
	output_flush();
	/* The help is written without a look at each failure. */
	if (output_error == 0 && ferror(stdout))
		output_error = EIO;
	if (output_error == 0 || output_error == EPIPE)
		return EXIT_DONE;
	say_error("cannot write standard output: %s", strerror(output_error));
	return EXIT_FAILED;
}
