/*
 * file: one that has its name when all of it is written, and not before.
 */
#ifndef CLIENT_PAGE_FILE_H
#define CLIENT_PAGE_FILE_H

#include "base/base.h"
#include "base/buffer.h"

struct page_file {
	const char *path; /* borrowed */
	int fd;
	int error;          /* the first that there was, a negative errno */
	struct buffer held; /* to be written */
	char *name;         /* what path leads to; NULL: a device is written */
	char *part;         /* the name until it is whole */
};

/* Makes it.  Returns 0 or a negative errno; page_file_end() after success. */
int page_file_make(struct page_file *file, const char *path);

/* Adds bytes, or text of at most 200 bytes as printf(3) makes it; what fails is
 * told at the end. */
void page_file_put(struct page_file *file, const void *bytes, size_t len);
void page_file_text(struct page_file *file, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Closes it, and gives it its name.  Returns 0 or a negative errno: then it is
 * removed. */
int page_file_end(struct page_file *file);

#endif
