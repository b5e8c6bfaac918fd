#include "client/page/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Worth a write. */
enum { HELD_BYTES = 64 * 1024 };

/* Sets name and part, unless what is there is written to as it is.  Returns 0
 * or a negative errno. */
static int
choose_names(struct page_file *file)
{
	struct stat status;
	bool is_there = stat(file->path, &status) == 0;

	if (is_there && !S_ISREG(status.st_mode))
		return 0;
	/* A link stays one. */
	file->name = is_there ? realpath(file->path, NULL) : strdup(file->path);
	if (file->name == NULL)
		return -errno;
	if (asprintf(&file->part, "%s.%ld.part", file->name, (long)getpid()) <
	    0) {
		file->part = NULL;
		return -ENOMEM;
	}
	return 0;
}

static void
free_names(struct page_file *file)
{
	free(file->name);
	free(file->part);
	file->name = file->part = NULL;
}

/* Returns a descriptor or a negative errno. */
static int
open_part(const struct page_file *file)
{
	int fd;

	if (file->part == NULL) {
		fd = open(file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	} else {
		/* Of a process that had the same number. */
		unlink(file->part);
		fd = open(
		    file->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	}
	return fd >= 0 ? fd : -errno;
}

int
page_file_make(struct page_file *file, const char *path)
{
	int r;

	*file = (struct page_file){ .path = path, .put.out = &file->held };
	buffer_init(&file->held, SIZE_MAX / 2);
	r = choose_names(file);
	file->fd = r == 0 ? open_part(file) : r;
	if (file->fd >= 0)
		return 0;
	free_names(file);
	return file->fd;
}

static void
flush(struct page_file *file)
{
	struct buffer *held = &file->held;
	ssize_t n;

	while (file->put.result == 0 && buffer_len(held) > 0) {
		n = write(file->fd, buffer_head(held), buffer_len(held));
		if (n >= 0)
			buffer_consume(held, (size_t)n);
		else if (errno != EINTR)
			file->put.result = -errno;
	}
}

void
page_file_put(struct page_file *file, const void *bytes, size_t len)
{
	put_bytes(&file->put, bytes, len);
	if (buffer_len(&file->held) >= HELD_BYTES)
		flush(file);
}

int
page_file_end(struct page_file *file)
{
	flush(file);
	buffer_deinit(&file->held);
	if (close(file->fd) != 0 && file->put.result == 0)
		file->put.result = -errno;
	if (file->part != NULL) {
		if (file->put.result == 0 &&
		    rename(file->part, file->name) != 0)
			file->put.result = -errno;
		if (file->put.result != 0)
			unlink(file->part);
	}
	free_names(file);
	return file->put.result;
}
