/*
 * files: opened one at a time, read without waiting.
 *
 * Opening does not wait either, even for the writer of a FIFO.  Until that has
 * come read(2) would find the end of the file, so poll(2) is asked first: it
 * tells a FIFO that nobody has opened yet from one that nobody has any more.
 */
#include "client/driver/files.h"

#include "client/terminal/input.h"
#include "client/terminal/say.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
files_init(struct files *files, int count, char **names)
{
	memset(files, 0, sizeof(*files));
	files->fd = -1;
	files->names = count > 0 ? names : NULL;
	files->count = count > 0 ? count : 1;
}

static bool
is_standard_input(const struct files *files, int number)
{
	return files->names == NULL || strcmp(files->names[number], "-") == 0;
}

const char *
files_name(const struct files *files, int number)
{
	return is_standard_input(files, number) ? "standard input"
						: files->names[number];
}

void
files_invite(const struct files *files)
{
	bool reads_input = false;

	for (int i = 0; i < files->count; i++)
		if (is_standard_input(files, i))
			reads_input = true;
	if (reads_input)
		input_invite();
}

void
files_deinit(struct files *files)
{
	if (files->fd > STDIN_FILENO)
		close(files->fd);
	files->fd = -1;
}

/* Says what is wrong with the file; returns it as a negative errno. */
static int
complain(const struct files *files, int error)
{
	say_error("cannot read %s: %s", files->name, strerror(error));
	return -error;
}

int
files_next(struct files *files)
{
	struct stat status;
	int number = files->opened;
	off_t at;

	files_deinit(files);
	if (number == files->count)
		return FILES_END;
	files->opened++;
	files->name = files_name(files, number);
	files->fd = is_standard_input(files, number)
	    ? STDIN_FILENO
	    : open(files->name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (files->fd == -1)
		return complain(files, errno);
	at = lseek(files->fd, 0, SEEK_CUR);
	files->plain = at >= 0 && fstat(files->fd, &status) == 0 &&
	    S_ISREG(status.st_mode);
	files->start = files->plain ? (uint64_t)at : 0;
	return 0;
}

int
files_read(struct files *files, void *bytes, size_t room, size_t *len)
{
	struct pollfd poll_fd = { .fd = files->fd, .events = POLLIN };
	ssize_t n;
	int ready;

	*len = 0;
	ready = files->plain ? 1 : poll(&poll_fd, 1, 0);
	if (ready == 0 || (ready < 0 && errno == EINTR))
		return FILES_WAIT;
	if (ready < 0)
		return complain(files, errno);
	n = read(files->fd, bytes, room);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return FILES_WAIT;
	if (n < 0)
		return complain(files, errno);
	*len = (size_t)n;
	return n > 0 ? 0 : FILES_END;
}

int
files_seek(struct files *files, uint64_t offset)
{
	if (!files->plain)
		return -ESPIPE;
	if (lseek(files->fd, (off_t)(files->start + offset), SEEK_SET) < 0)
		return -errno;
	return 0;
}
