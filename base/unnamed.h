/*
 * unnamed - files without names, which vanish with whoever has them open
 */
#ifndef BASE_UNNAMED_H
#define BASE_UNNAMED_H

#include <stddef.h>
#include <stdint.h>

/*
 * Makes one in a folder, to be written and read: by O_TMPFILE where the file
 * system has it, else a file that is unlinked at once, whose name begins with
 * prefix until then.  Returns its descriptor or a negative errno.
 */
int unnamed_make(const char *folder, const char *prefix);

/* Writes all of the bytes at that offset of a file.  Returns 0 or a negative
 * errno. */
int unnamed_write(int fd, const char *bytes, size_t len, uint64_t offset);

#endif
