/*
 * output: libc forgets which error made a stream fail, and a later flush may
 * find nothing left to write; the first error is kept here.  SIGPIPE is
 * ignored, so a reader that went away shows as EPIPE.
 */
#include "client/terminal/output.h"

#include "client/exit_code.h"
#include "client/terminal/say.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
output_init(struct output *output, FILE *stream)
{
	memset(output, 0, sizeof(*output));
	output->stream = stream;
}

FILE *
output_stream(const struct output *output)
{
	return output->held != NULL ? output->held : output->stream;
}

int
output_descriptor(const struct output *output)
{
	return fileno(output->stream);
}

static void
check(struct output *output, bool ok)
{
	if (!ok && output->error == 0)
		output->error = errno;
}

void
output_bytes(struct output *output, const void *bytes, size_t len)
{
	/* No bytes may have no place, and fwrite() must be given one. */
	if (output->error == 0 && len > 0)
		check(output,
		    fwrite(bytes, 1, len, output_stream(output)) == len);
}

void
output_line(struct output *output, const void *bytes, size_t len)
{
	output_bytes(output, bytes, len);
	if (len == 0 || ((const char *)bytes)[len - 1] != '\n')
		output_bytes(output, "\n", 1);
}

void
output_text(struct output *output, const char *format, ...)
{
	va_list args;

	if (output->error != 0)
		return;
	va_start(args, format);
	check(output, vfprintf(output_stream(output), format, args) >= 0);
	va_end(args);
}

bool
output_flush(struct output *output)
{
	check(output, fflush(output->stream) == 0);
	return output->error == 0;
}

int
output_hold(struct output *output)
{
	struct stat status;

	if (output->held != NULL)
		return 0;
	/* What is ready may still block when it is given more than this. */
	output->piece = PIPE_BUF;
	if (fstat(output_descriptor(output), &status) == 0 &&
	    S_ISREG(status.st_mode))
		output->piece = SIZE_MAX;
	output->held = open_memstream(&output->bytes, &output->len);
	return output->held != NULL ? 0 : -errno;
}

bool
output_pending(struct output *output)
{
	if (output->held == NULL)
		return false;
	check(output, fflush(output->held) == 0);
	if (output->written < output->len && output->error == 0)
		return true;
	/* The next output overwrites this. */
	rewind(output->held);
	output->written = 0;
	return false;
}

void
output_write(struct output *output)
{
	size_t len = MIN_OF(output->len - output->written, output->piece);
	ssize_t n = write(
	    output_descriptor(output), output->bytes + output->written, len);

	if (n >= 0)
		output->written += (size_t)n;
	else
		check(output, errno == EINTR || errno == EAGAIN);
}

bool
output_failed(const struct output *output)
{
	return output->error != 0;
}

int
output_finish(struct output *output)
{
	output_flush(output);
	if (output->held != NULL)
		fclose(output->held);
	free(output->bytes);
	/* The help is written without a look at each failure. */
	if (output->error == 0 && ferror(output->stream))
		output->error = EIO;
	if (output->error == 0 || output->error == EPIPE)
		return EXIT_DONE;
	say_error("cannot write standard output: %s", strerror(output->error));
	return EXIT_FAILED;
}
