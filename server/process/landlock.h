/*
 * The files that a daemon needs which serves, and no others.
 *
 * Landlock knows folders, not paths: what is granted in a folder is so in all
 * that it has below it; what it is replaced with later, or covered by, stays
 * closed.
 */
#ifndef SERVER_PROCESS_LANDLOCK_H
#define SERVER_PROCESS_LANDLOCK_H

#include <stddef.h>

struct landlock_grants {
	const char *spool; /* folder: files are made, used, removed */
	/* Folders: files may be removed, where the user could at all. */
	const char *const *sockets;
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
