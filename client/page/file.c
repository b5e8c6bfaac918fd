#include "client/page/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
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

	*file = (struct page_file){ .path = path };
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

	while (file->error == 0 && buffer_len(held) > 0) {
		n = write(file->fd, buffer_head(held), buffer_len(held));
		if (n >= 0)
			buffer_consume(held, (size_t)n);
		else if (errno != EINTR)
			file->error = -errno;
	}
}

void
page_file_put(struct page_file *file, const void *bytes, size_t len)
{
	if (file->error == 0 && buffer_append(&file->held, bytes, len) != 0)
		file->error = -ENOMEM;
	if (buffer_len(&file->held) >= HELD_BYTES)
		flush(file);
}

void
page_file_text(struct page_file *file, const char *format, ...)
{
	char text[201];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	assert(len >= 0 && (size_t)len < sizeof(text));
	page_file_put(file, text, (size_t)len);
}

int
page_file_end(struct page_file *file)
{
	flush(file);
	buffer_deinit(&file->held);
	if (close(file->fd) != 0 && file->error == 0)
		file->error = -errno;
	if (file->part != NULL) {
		if (file->error == 0 && rename(file->part, file->name) != 0)
			file->error = -errno;
		if (file->error != 0)
			unlink(file->part);
	}
	free_names(file);
	return file->error;
}
