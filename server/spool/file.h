/*
 * Files without names, for threads that may wait for a disk.
 *
 * Each function returns 0 or a negative errno, unless it says otherwise.
 */
#ifndef SERVER_SPOOL_FILE_H
#define SERVER_SPOOL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Makes one in a directory: by O_TMPFILE where the file system has it, else a
 * file that is unlinked at once.  Returns its descriptor.
 */
int file_make(const char *directory);

/* -ENOSPC when the file system has no room for more bytes, beside what is to
 * stay free of it. */
int file_check_room(int fd, unsigned int free_percent, uint64_t more);

/* All of the bytes; a disk quota that is used up is -ENOSPC. */
int file_write(int fd, const char *bytes, size_t len, uint64_t offset);

/* All of the bytes; -EIO when the file ends before. */
int file_read(int fd, char *bytes, size_t len, uint64_t offset);

/* The same, if the bytes are in memory and no disk has to be waited for.
 * Returns whether all of them were read. */
bool file_read_now(int fd, char *bytes, size_t len, uint64_t offset);

#endif
