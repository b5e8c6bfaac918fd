/*
 * output: standard output, and the first error on it.
 *
 * libc forgets which error made a stream fail, and a later flush may find
 * nothing left to write; the first error is kept here.  SIGPIPE is ignored, so
 * a reader that went away shows as EPIPE.
 */
#include "client/terminal/output.h"

#include "client/exit_code.h"
#include "client/terminal/say.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Why standard output failed first, a positive errno; 0 while it has not. */
static int output_error;

/*
 * What is held: a stream into memory, and how much of it was written.  libc
 * keeps the bytes and their number up to date with each flush.
 */
static struct {
	FILE *stream; /* NULL: nothing is held, all goes to stdout */
	char *bytes;
	size_t len;
	size_t written;
	size_t piece; /* so much is written at a time */
} held;

static FILE *
target(void)
{
	return held.stream != NULL ? held.stream : stdout;
}

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
		check(fwrite(bytes, 1, len, target()) == len);
}

void
output_text(const char *format, ...)
{
	va_list args;

	if (output_error != 0)
		return;
	va_start(args, format);
	check(vfprintf(target(), format, args) >= 0);
	va_end(args);
}

bool
output_flush(void)
{
	check(fflush(stdout) == 0);
	return output_error == 0;
}

int
output_hold(void)
{
	struct stat status;

	if (held.stream != NULL)
		return 0;
	/* What is ready may still block when it is given more than this. */
	held.piece = PIPE_BUF;
	if (fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode))
		held.piece = SIZE_MAX;
	held.stream = open_memstream(&held.bytes, &held.len);
	return held.stream != NULL ? 0 : -errno;
}

/* Writes a piece of what is held, once there is room for it. */
static int
write_some(struct watch *watch, uint64_t milliseconds)
{
	size_t piece = MIN_OF(held.len - held.written, held.piece);
	int r = watch_wait(watch, STDOUT_FILENO, POLLOUT, milliseconds);
	ssize_t n;

	if (r != 0)
		return r;
	n = write(STDOUT_FILENO, held.bytes + held.written, piece);
	if (n >= 0)
		held.written += (size_t)n;
	else
		check(errno == EINTR || errno == EAGAIN);
	return 0;
}

int
output_release(struct watch *watch, uint64_t milliseconds)
{
	int r;

	if (held.stream == NULL)
		return 0;
	check(fflush(held.stream) == 0);
	while (held.written < held.len && output_error == 0) {
		r = write_some(watch, milliseconds);
		if (r != 0)
			return r;
	}
	/* The next output overwrites this. */
	rewind(held.stream);
	held.written = 0;
	return 0;
}

bool
output_failed(void)
{
	return output_error != 0;
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
