/*
 * The files that a daemon needs which serves, and no others.
 *
 * Landlock knows folders, not paths: what a folder is replaced with later, or
 * covered by, stays closed.
 */
#ifndef SERVER_LANDLOCK_H
#define SERVER_LANDLOCK_H

#include <stddef.h>

struct landlock_grants {
	const char *spool;          /* folder: files are made, used, removed */
	const char *const *sockets; /* folders: files may be removed */
	size_t socket_count;
};

/*
 * Closes the file system to this thread, and to all that it starts, but for
 * the grants and reading /dev/null.  A folder that cannot be opened is no
 * error: the log says that it stays closed.  no_new_privs is set before.
 * Returns the version of Landlock that the kernel has, or a negative errno.
 */
int landlock_enter(const struct landlock_grants *grants);

#endif
