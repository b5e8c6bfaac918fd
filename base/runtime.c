#include "base/runtime.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum runtime_of
runtime_own(void)
{
	return geteuid() == 0 ? RUNTIME_SYSTEM : RUNTIME_USER;
}

static bool
fits(int len)
{
	return len >= 0 && len < RUNTIME_PATH_SIZE;
}

bool
runtime_directory(enum runtime_of whose, char out[RUNTIME_PATH_SIZE])
{
	const char *given = getenv("RUNTIME_DIRECTORY");
	const char *user = getenv("XDG_RUNTIME_DIR");

	if (given != NULL && given[0] == '/')
		return fits(snprintf(out, RUNTIME_PATH_SIZE, "%.*s",
		    (int)strcspn(given, ":"), given));
	if (whose == RUNTIME_SYSTEM)
		return fits(snprintf(out, RUNTIME_PATH_SIZE, "/run/reversed"));
	if (user != NULL && user[0] == '/')
		return fits(
		    snprintf(out, RUNTIME_PATH_SIZE, "%s/reversed", user));
	return fits(snprintf(out, RUNTIME_PATH_SIZE, "/tmp/reversed-%u",
	    (unsigned int)geteuid()));
}

bool
runtime_socket(
    enum runtime_of whose, uint16_t port, char out[RUNTIME_PATH_SIZE])
{
	char directory[RUNTIME_PATH_SIZE];

	return runtime_directory(whose, directory) &&
	    fits(snprintf(out, RUNTIME_PATH_SIZE, "%s/%u.sock", directory,
		(unsigned int)port));
}

int
runtime_check(enum runtime_of whose)
{
	char directory[RUNTIME_PATH_SIZE];
	struct stat st;

	if (!runtime_directory(whose, directory))
		return -ENAMETOOLONG;
	if (lstat(directory, &st) < 0)
		return -errno;
	/* In /tmp anybody may have been first. */
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return -EUCLEAN;
	return 0;
}

int
runtime_make(void)
{
	enum runtime_of whose = runtime_own();
	char directory[RUNTIME_PATH_SIZE];
	mode_t before;
	int r = 0;

	if (!runtime_directory(whose, directory))
		return -ENAMETOOLONG;
	before = umask(0);
	/* Everybody may look for the system's daemon. */
	if (mkdir(directory, whose == RUNTIME_SYSTEM ? 0755 : 0700) < 0 &&
	    errno != EEXIST)
		r = -errno;
	umask(before);
	return r < 0 ? r : runtime_check(whose);
}
