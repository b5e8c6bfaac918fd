/*
 * output: a buffer, and the ways to empty it without waiting.
 */
#include "client/terminal/output.h"

#include "client/exit_code.h"
#include "client/terminal/say.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of a text that is formatted once. */
#define TEXT_ROOM 256

/* Whether epoll(7), and so poll(2), can tell when a device is ready. */
static bool
can_be_watched(int fd)
{
	struct epoll_event event = { .events = EPOLLOUT };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	bool can;

	if (epoll < 0)
		return true;
	can =
	    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0 || errno != EPERM;
	close(epoll);
	return can;
}

/* One that is only to be read is never ready: writing fails at once. */
static bool
is_read_only(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & O_ACCMODE) == O_RDONLY;
}

/*
 * The same pipe or terminal once more, or -1.  The master of a pseudo-terminal,
 * opened once more, would be the master of another one.
 */
static int
open_again(int fd, bool terminal)
{
	char path[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	int number;

	if (terminal && ioctl(fd, TIOCGPTN, &number) == 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* The reader of a pipe is woken once for each time that it was full: it should
 * take a block.  One that may not be larger takes more times. */
static void
widen(int pipe)
{
	if (fcntl(pipe, F_GETPIPE_SZ) < (int)OUTPUT_BLOCK)
		fcntl(pipe, F_SETPIPE_SZ, OUTPUT_BLOCK);
}

/* A socket of datagrams takes no long ones. */
static size_t
socket_piece(int fd)
{
	int type = SOCK_STREAM;
	socklen_t len = sizeof(type);

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
	return type == SOCK_STREAM ? OUTPUT_BLOCK : PIPE_BUF;
}

static void
choose_way(struct output *output, mode_t mode)
{
	bool device = S_ISCHR(mode) && !output->terminal;

	output->piece = OUTPUT_BLOCK;
	if (S_ISSOCK(mode)) {
		output->way = OUTPUT_SOCKET;
		output->piece = socket_piece(output->fd);
		return;
	}
	if (S_ISREG(mode) || S_ISBLK(mode) || is_read_only(output->fd) ||
	    (device && !can_be_watched(output->fd)))
		return;
	if (S_ISFIFO(mode) || output->terminal)
		output->again = open_again(output->fd, output->terminal);
	if (S_ISFIFO(mode))
		widen(output->fd);
	output->way = output->again >= 0 ? OUTPUT_AGAIN : OUTPUT_ASKED;
	/* What is ready may still wait when it is given more than this. */
	if (output->way == OUTPUT_ASKED)
		output->piece = PIPE_BUF;
}

int
output_init(struct output *output, int fd)
{
	struct stat status;
	mode_t mode = 0;

	*output = (struct output){ .fd = fd, .again = -1 };
	buffer_init(&output->held, SIZE_MAX);
	if (buffer_reserve(&output->held, TEXT_ROOM) != 0)
		return -ENOMEM;
	/* What is wrong with the descriptor is told when it is needed. */
	if (fstat(fd, &status) == 0)
		mode = status.st_mode;
	output->terminal = S_ISCHR(mode) && isatty(fd);
	output->mixes = output->terminal || S_ISFIFO(mode);
	choose_way(output, mode);
	return 0;
}

void
output_fail(struct output *output, int error)
{
	if (output->error == 0)
		output->error = error;
	buffer_deinit(&output->held);
}

/* Room for so many more bytes, unless something has failed. */
static bool
has_room(struct output *output, size_t len)
{
	if (output->error == 0 && buffer_reserve(&output->held, len) != 0)
		output_fail(output, ENOMEM);
	return output->error == 0;
}

void *
output_grow(struct output *output, size_t len)
{
	if (len == 0 || !has_room(output, len))
		return NULL;
	return buffer_extend(&output->held, len);
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
	size_t need = TEXT_ROOM, room;
	va_list args;
	int len;

	do {
		if (!has_room(output, need))
			return;
		room = buffer_room(&output->held);
		va_start(args, format);
		len = vsnprintf(
		    (char *)buffer_tail(&output->held), room, format, args);
		va_end(args);
		if (len < 0) {
			output_fail(output, errno);
			return;
		}
		need = (size_t)len + 1;
	} while (need > room);
	buffer_commit(&output->held, (size_t)len);
}

/* One that is not ready is not waited for, or as long as it takes. */
static bool
is_ready(int fd, bool wait)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
	int n;

	do
		n = poll(&poll_fd, 1, wait ? -1 : 0);
	while (n < 0 && errno == EINTR);
	/* Where poll(2) fails, writing tells what is wrong. */
	return n != 0;
}

/* As write(2). */
static ssize_t
put(struct output *output, const void *bytes, size_t len)
{
	switch (output->way) {
	case OUTPUT_SOCKET:
		return send(
		    output->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	case OUTPUT_AGAIN:
		return write(output->again, bytes, len);
	case OUTPUT_ASKED:
		if (!is_ready(output->fd, false)) {
			errno = EAGAIN;
			return -1;
		}
		break;
	case OUTPUT_AT_ONCE:
		break;
	}
	return write(output->fd, bytes, len);
}

/* Whether it is to be tried again: now, or when the descriptor is ready. */
static bool
goes_on(struct output *output, ssize_t n)
{
	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && errno == EAGAIN && output->way != OUTPUT_AT_ONCE)
		return false;
	if (n < 0)
		/* A reader that resets a connection has what it wanted. */
		output_fail(output,
		    output->way == OUTPUT_SOCKET && errno == ECONNRESET
			? EPIPE
			: errno);
	else if (n == 0)
		output_fail(output, EIO);
	return n > 0;
}

void
output_write(struct output *output)
{
	ssize_t n;

	if (output->mixes && output_pending(output))
		say_no_progress();
	while (output_pending(output)) {
		n = put(output, buffer_head(&output->held),
		    MIN_OF(output_len(output), output->piece));
		if (!goes_on(output, n))
			return;
		if (n > 0)
			buffer_consume(&output->held, (size_t)n);
	}
}

int
output_finish(struct output *output, bool wait)
{
	output_write(output);
	while (
	    output_pending(output) && is_ready(output_descriptor(output), wait))
		output_write(output);
	buffer_deinit(&output->held);
	if (output->again >= 0)
		close(output->again);
	output->again = -1;
	if (output->error == 0 || output->error == EPIPE)
		return EXIT_DONE;
	say_failure("UNKNOWN", "cannot write standard output: %s",
	    strerror(output->error));
	return EXIT_FAILED;
}
