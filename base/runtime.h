/*
 * The runtime directory: where a daemon that runs leaves its Unix socket, and
 * clients of the same machine look for it.
 */
#ifndef BASE_RUNTIME_H
#define BASE_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

/* Room for a path that a Unix socket can have, with its NUL. */
enum { RUNTIME_PATH_SIZE = 108 };

/* Whose daemon it is. */
enum runtime_of {
	RUNTIME_SYSTEM, /* root's: /run/reversed */
	RUNTIME_USER,   /* this user's: reversed in XDG_RUNTIME_DIR, else
			   /tmp/reversed-UID */
};

/* The kind of daemon that this process would be. */
enum runtime_of runtime_own(void);

/*
 * The directory; RUNTIME_DIRECTORY, as service managers set it, comes before
 * both, and of several names with colons between them the first.  And the path
 * of the Unix socket in it of a daemon that serves a port.  Return false when
 * it is too long.
 */
bool runtime_directory(enum runtime_of whose, char out[RUNTIME_PATH_SIZE]);
bool runtime_socket(
    enum runtime_of whose, uint16_t port, char out[RUNTIME_PATH_SIZE]);

/*
 * Returns 0 when the directory is there and this user's, -EUCLEAN when others
 * can change what is in it, or another negative errno.
 */
int runtime_check(enum runtime_of whose);

/*
 * Makes the directory of this process if there is none; as runtime_check.  To
 * be called before threads are started: it changes the umask for a moment.
 */
int runtime_make(void);

#endif
