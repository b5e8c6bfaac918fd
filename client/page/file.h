/*
 * file: one that has its name when all of it is written, and not before.
 */
#ifndef CLIENT_PAGE_FILE_H
#define CLIENT_PAGE_FILE_H

#include "base/put.h"

struct page_file {
	const char *path; /* borrowed */
	int fd;
	struct buffer held; /* to be written */
	struct put put;     /* for a little text into it; its result is the
			       first failure, a negative errno */
	char *name;         /* what path leads to; NULL: a device is written */
	char *part;         /* the name until it is whole */
};

/* Makes it.  Returns 0 or a negative errno; page_file_end() after success. */
int page_file_make(struct page_file *file, const char *path);

/* Adds bytes, many of which are written at once; what fails is told at the end.
 */
void page_file_put(struct page_file *file, const void *bytes, size_t len);

/* Closes it, and gives it its name.  Returns 0 or a negative errno: then it is
 * removed. */
int page_file_end(struct page_file *file);

#endif
