#include "server/process/privileges.h"

#include "base/base.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

/* Descriptors for everything but connections: listeners, the log, spools. */
enum { OTHER_DESCRIPTORS = 64 };

static int
become(const struct passwd *user)
{
	gid_t gid = user->pw_gid;
	uid_t uid = user->pw_uid;

	if (setgroups(1, &gid) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0)
		return -errno;
	/* For good means that there is no way back. */
	if (uid != 0 && setuid(0) == 0)
		return -EPERM;
	return 0;
}

int
privileges_drop(const char *user, char *why, size_t size)
{
	const struct passwd *entry;
	int r;

	if (geteuid() != 0 || strcmp(user, "root") == 0)
		return 0;
	errno = 0;
	entry = getpwnam(user);
	if (entry == NULL) {
		r = errno != 0 ? -errno : -ENOENT;
		snprintf(why, size, "user %s is unknown", user);
		return r;
	}
	r = become(entry);
	if (r < 0)
		snprintf(why, size,
		    "cannot become user %s: %s; --user root "
		    "stays root",
		    user, strerror(-r));
	return r;
}

/* A number as it stands in text; false: it is a name. */
static bool
is_number(const char *text, unsigned int *number)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*number = (unsigned int)n;
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' &&
	    n < UINT32_MAX;
}

static int
find_group(const char *name, gid_t *gid)
{
	const struct group *entry;

	if (is_number(name, gid))
		return 0;
	entry = getgrnam(name);
	if (entry == NULL)
		return -ENOENT;
	*gid = entry->gr_gid;
	return 0;
}

int
privileges_find_owner(const char *text, uid_t *uid, gid_t *gid)
{
	const struct passwd *entry;
	char user[64];
	const char *colon;
	size_t len;

	*uid = (uid_t)-1;
	*gid = (gid_t)-1;
	if (text == NULL)
		return 0;
	colon = strchr(text, ':');
	len = colon != NULL ? (size_t)(colon - text) : strlen(text);
	if (len >= sizeof(user))
		return -ENOENT;
	memcpy(user, text, len);
	user[len] = '\0';
	if (is_number(user, uid))
		entry = getpwuid(*uid);
	else if ((entry = getpwnam(user)) != NULL)
		*uid = entry->pw_uid;
	else
		return -ENOENT;
	if (entry != NULL)
		*gid = entry->pw_gid;
	return colon != NULL ? find_group(colon + 1, gid) : 0;
}

unsigned int
privileges_raise_descriptors(unsigned int wanted)
{
	rlim_t needed = (rlim_t)wanted + OTHER_DESCRIPTORS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return wanted;
	if (limit.rlim_cur < needed) {
		limit.rlim_cur =
		    limit.rlim_max < needed ? limit.rlim_max : needed;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur < DESCRIPTORS_MIN)
		return 0;
	if (limit.rlim_cur >= needed)
		return wanted;
	if (limit.rlim_cur <= 2 * OTHER_DESCRIPTORS)
		return MIN_OF(wanted, (unsigned int)limit.rlim_cur / 2);
	return (unsigned int)limit.rlim_cur - OTHER_DESCRIPTORS;
}
