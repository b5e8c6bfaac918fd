/*
 * The file of a Unix socket: made, and removed again.
 *
 * A file that a server left when it was killed is in the way of the next
 * one.  It is replaced when nobody listens at it any more; what is no
 * socket is never touched.
 */
#ifndef RPCLOOP_NET_SOCKET_FILE_H
#define RPCLOOP_NET_SOCKET_FILE_H

#include <sys/types.h>
#include <sys/un.h>

#define SOCKET_FILE_PATH_SIZE sizeof(((struct sockaddr_un *)0)->sun_path)

/* Who may connect: write permission counts (unix(7)). */
struct socket_file_access {
	mode_t mode;
	uid_t uid; /* -1: as it is made */
	gid_t gid; /* -1: as it is made */
};

struct socket_file {
	char path[SOCKET_FILE_PATH_SIZE]; /* empty: there is none */
	dev_t dev;
	ino_t ino;
};

/*
 * Binds the stream socket to a file and listens, as listen(2) does, once the
 * file is what access says.  To be called before threads are started: it
 * changes the umask for a moment.  Returns 0, -ENAMETOOLONG, -EADDRINUSE when a
 * server listens there, -EEXIST when something else than a socket is there,
 * -EUCLEAN when the file is to be given to somebody and others than root and
 * this user can replace it in its folder (whose folders above are not looked
 * at), or another negative errno.
 */
int socket_file_listen(struct socket_file *out, int fd, const char *path,
    const struct socket_file_access *access, int backlog);

/*
 * Removes the file, unless it is another one by now or this process may not.
 * May be called twice.
 */
void socket_file_remove(struct socket_file *file);

/* The folder of the file at a path, which is no longer than one can be. */
void socket_file_folder(char out[SOCKET_FILE_PATH_SIZE], const char *path);

#endif
