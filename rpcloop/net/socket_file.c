#include "rpcloop/net/socket_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	LOCK_TRIES = 50,
	LOCK_PAUSE_MS = 20,
};

void
socket_file_folder(char out[SOCKET_FILE_PATH_SIZE], const char *path)
{
	const char *end = strrchr(path, '/');
	size_t len = end != NULL ? (size_t)(end - path) + 1 : 1;

	memcpy(out, end != NULL ? path : ".", len);
	out[len] = '\0';
}

/*
 * Two servers that start at a time must not both find the file stale, so the
 * folder is locked until one of them listens.  Anybody can hold such a lock for
 * ever: after a second it goes on without.  Returns a descriptor to be closed,
 * or -1.
 */
static int
lock_folder(const char *path)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * 1000000 };
	char folder[SOCKET_FILE_PATH_SIZE];
	int fd;

	socket_file_folder(folder, path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; fd >= 0 && i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			break;
		nanosleep(&pause, NULL);
	}
	return fd;
}

/* True unless it is certain that nobody listens. */
static bool
is_listened_at(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0;

	if (fd < 0)
		return true;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		error = errno;
	close(fd);
	return error != ECONNREFUSED && error != ENOENT;
}

/* Removes a file that is in the way, if that is right. */
static int
make_way(const struct sockaddr_un *address)
{
	struct stat there;

	if (lstat(address->sun_path, &there) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(there.st_mode))
		return -EEXIST;
	if (is_listened_at(address))
		return -EADDRINUSE;
	return unlink(address->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

/*
 * The file is given to its owner by its path, so nobody else may be able to put
 * another one there meanwhile.
 */
static int
check_folder(const char *path)
{
	char folder[SOCKET_FILE_PATH_SIZE];
	struct stat st;

	socket_file_folder(folder, path);
	if (stat(folder, &st) < 0)
		return -errno;
	if ((st.st_uid != 0 && st.st_uid != geteuid()) ||
	    ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
		(st.st_mode & S_ISVTX) == 0))
		return -EUCLEAN;
	return 0;
}

/* The file gets the mode that the socket has, so there is nothing to chmod(2)
 * that somebody could have put in its place. */
static int
bind_with_mode(int fd, const struct sockaddr_un *address, mode_t mode)
{
	mode_t before;
	int r = 0;

	if (fchmod(fd, mode) < 0)
		return -errno;
	before = umask(0);
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		r = -errno;
	umask(before);
	return r;
}

static int
listen_here(struct socket_file *out, int fd, const struct sockaddr_un *address,
    const struct socket_file_access *access, int backlog)
{
	struct stat made;
	int r = bind_with_mode(fd, address, access->mode);

	if (r < 0)
		return r;
	if (lchown(address->sun_path, access->uid, access->gid) < 0 ||
	    lstat(address->sun_path, &made) < 0 || listen(fd, backlog) < 0) {
		r = -errno;
		unlink(address->sun_path);
		return r;
	}
	strcpy(out->path, address->sun_path);
	out->dev = made.st_dev;
	out->ino = made.st_ino;
	return 0;
}

int
socket_file_listen(struct socket_file *out, int fd, const char *path,
    const struct socket_file_access *access, int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int lock;
	int r = 0;

	out->path[0] = '\0';
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	if (access->uid != (uid_t)-1 || access->gid != (gid_t)-1)
		r = check_folder(path);
	if (r < 0)
		return r;
	lock = lock_folder(path);
	r = make_way(&address);
	if (r == 0)
		r = listen_here(out, fd, &address, access, backlog);
	if (lock >= 0)
		close(lock);
	return r;
}

void
socket_file_remove(struct socket_file *file)
{
	struct stat now;

	if (file->path[0] != '\0' && lstat(file->path, &now) == 0 &&
	    now.st_dev == file->dev && now.st_ino == file->ino)
		unlink(file->path);
	file->path[0] = '\0';
}
