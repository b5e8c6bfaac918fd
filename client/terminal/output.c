/*
 * output: a stream into memory, and what of it was written.
 *
 * SIGPIPE is ignored, so a reader that went away shows as EPIPE.
 */
#include "client/terminal/output.h"

#include "client/exit_code.h"
#include "client/terminal/say.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
output_init(struct output *output, int fd)
{
	struct stat status;

	memset(output, 0, sizeof(*output));
	output->fd = fd;
	/* What is ready may still block when it is given more than this. */
	output->piece = PIPE_BUF;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		output->piece = SIZE_MAX;
	output->stream = open_memstream(&output->bytes, &output->len);
	return output->stream != NULL ? 0 : -ENOMEM;
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
		check(output, fwrite(bytes, 1, len, output->stream) == len);
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
	check(output, vfprintf(output->stream, format, args) >= 0);
	va_end(args);
}

bool
output_pending(struct output *output)
{
	check(output, fflush(output->stream) == 0);
	if (output->written < output->len && output->error == 0)
		return true;
	/* The next output overwrites this. */
	rewind(output->stream);
	output->written = 0;
	return false;
}

void
output_write(struct output *output)
{
	size_t len = MIN_OF(output->len - output->written, output->piece);
	ssize_t n = write(output->fd, output->bytes + output->written, len);

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

/* false: a reader is not there yet, and is not waited for. */
static bool
is_ready(struct output *output, bool wait)
{
	struct pollfd poll_fd = { .fd = output->fd, .events = POLLOUT };
	int n;

	do
		n = poll(&poll_fd, 1, wait ? -1 : 0);
	while (n < 0 && errno == EINTR);
	check(output, n >= 0);
	return n > 0;
}

int
output_finish(struct output *output, bool wait)
{
	while (output_pending(output) && is_ready(output, wait))
		output_write(output);
	fclose(output->stream);
	free(output->bytes);
	if (output->error == 0 || output->error == EPIPE)
		return EXIT_DONE;
	say_error("cannot write standard output: %s", strerror(output->error));
	return EXIT_FAILED;
}
