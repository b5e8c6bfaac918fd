/*
 * files: the operands of a command that reads files, one after the other.
 *
 * A lone - is standard input, and so is no operand at all.
 *
 * A regular file can be read again.  What comes by a pipe, a terminal or a
 * socket can be if it is kept meanwhile, in a file without a name.
 */
#ifndef CLIENT_DRIVER_FILES_H
#define CLIENT_DRIVER_FILES_H

#include "client/driver/keep.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The outcomes of reading beside 0. */
enum files_result {
	FILES_WAIT = 1, /* nothing is there yet */
	FILES_END,      /* of the file, or of all of them */
};

struct files {
	char **names; /* borrowed; NULL: standard input alone */
	int count;
	int opened;       /* how many of them so far */
	int fd;           /* the one that is read, or -1 */
	const char *name; /* as people read it */
	bool plain;     /* a regular file: always ready, and to be read again */
	uint64_t start; /* of a plain one: where in it reading began */
	bool over;      /* the end of one that is not plain has come */

	/* Whether to keep what is not plain: to be set before it is opened, by
	 * whoever may have to read it again. */
	bool keep;
	struct keep kept;
	uint64_t place; /* in what is kept: where reading goes on */
};

void files_init(struct files *files, int count, char **names);

/* Tells a user at a terminal that it is read, if it will be. */
void files_invite(const struct files *files);

/* Whether a user types what is read, or a part of it. */
bool files_are_typed(const struct files *files);

/* Bytes of all files, before the first is opened; false: that is not known. */
bool files_total(const struct files *files, uint64_t *total);

/* A file as people read it, by its number from 0. */
const char *files_name(const struct files *files, int number);

/* Closes what is open.  May be called twice. */
void files_deinit(struct files *files);

/*
 * Opens the next one in the place of the last.  Returns 0, FILES_END, or a
 * negative errno, said on standard error.
 */
int files_next(struct files *files);

/*
 * Reads at most room bytes, without waiting for them.  Returns 0 with *len of
 * them, FILES_WAIT, FILES_END, or a negative errno, said on standard error.
 */
int files_read(struct files *files, void *bytes, size_t room, size_t *len);

/*
 * Goes back to an offset from the start of the file.  Returns 0 or, where it
 * cannot be read again, a negative errno.
 */
int files_seek(struct files *files, uint64_t offset);

/* Nobody will go back to below the offset: it need not be kept. */
void files_release(struct files *files, uint64_t offset);

#endif
