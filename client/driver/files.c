/*
 * files: opened one at a time, read without waiting.
 *
 * Opening does not wait either, even for the writer of a FIFO.  Until that has
 * come read(2) would find the end of the file, so poll(2) is asked first: it
 * tells a FIFO that nobody has opened yet from one that nobody has any more.
 */
#include "client/driver/files.h"

#include "client/session/status_name.h"
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
	keep_init(&files->kept);
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

bool
files_are_typed(const struct files *files)
{
	for (int i = 0; i < files->count; i++)
		if (is_standard_input(files, i) && isatty(STDIN_FILENO))
			return true;
	return false;
}

/* Of one that can be read again; from where standard input stands. */
static bool
size_of(const struct files *files, int number, uint64_t *size)
{
	bool input = is_standard_input(files, number);
	off_t at = input ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
	struct stat status;
	int r = input ? fstat(STDIN_FILENO, &status)
		      : stat(files->names[number], &status);

	if (r != 0 || !S_ISREG(status.st_mode) || at < 0)
		return false;
	*size = status.st_size > at ? (uint64_t)(status.st_size - at) : 0;
	return true;
}

bool
files_total(const struct files *files, uint64_t *total)
{
	uint64_t size;

	*total = 0;
	for (int i = 0; i < files->count; i++) {
		if (!size_of(files, i, &size))
			return false;
		*total += size;
	}
	return true;
}

void
files_deinit(struct files *files)
{
	if (files->fd > STDIN_FILENO)
		close(files->fd);
	files->fd = -1;
	keep_deinit(&files->kept);
}

/* Says what is wrong with the file; returns it as a negative errno. */
static int
complain(const struct files *files, int error)
{
	say_failure(status_of_errno(error), "cannot read %s: %s", files->name,
	    strerror(error));
	return -error;
}

int
files_next(struct files *files)
{
	struct stat status;
	int number = files->opened;
	off_t at;

	files_deinit(files);
	keep_init(&files->kept);
	files->place = 0;
	files->over = false;
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

/* What was read is to be kept; that it cannot be ends nothing, but is said. */
static void
keep_some(struct files *files, const void *bytes, size_t len)
{
	int r = keep_append(&files->kept, bytes, len);

	files->place += len;
	if (r < 0)
		say_step("%s is not kept, to be read again: %s", files->name,
		    strerror(-r));
}

/* Reads what is kept, as files_read(). */
static int
read_again(struct files *files, void *bytes, size_t room, size_t *len)
{
	int r = keep_read(&files->kept, files->place, bytes, room, len);

	files->place += *len;
	return r < 0 ? complain(files, -r) : 0;
}

int
files_read(struct files *files, void *bytes, size_t room, size_t *len)
{
	struct pollfd poll_fd = { .fd = files->fd, .events = POLLIN };
	ssize_t n;
	int ready;

	*len = 0;
	if (files->place < files->kept.len)
		return read_again(files, bytes, room, len);
	if (files->over)
		return FILES_END;
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
	/* A terminal would ask for more after its end. */
	files->over = n == 0 && !files->plain;
	if (files->keep && !files->plain)
		keep_some(files, bytes, *len);
	return n > 0 ? 0 : FILES_END;
}

static int
seek_plain(struct files *files, uint64_t offset)
{
	off_t at = (off_t)(files->start + offset);

	return lseek(files->fd, at, SEEK_SET) >= 0 ? 0 : -errno;
}

int
files_seek(struct files *files, uint64_t offset)
{
	const struct keep *kept = &files->kept;

	if (files->plain)
		return seek_plain(files, offset);
	if (keep_failed(kept) != 0)
		return -keep_failed(kept);
	if (!files->keep || offset < kept->released || offset > kept->len)
		return -ESPIPE;
	files->place = offset;
	return 0;
}

void
files_release(struct files *files, uint64_t offset)
{
	keep_release_below(&files->kept, offset);
}
