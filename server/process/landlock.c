#include "server/process/landlock.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of version 3, which is newer than the headers may be. */
#define ACCESS_TRUNCATE ((uint64_t)1 << 14)

#define ACCESS_SPOOL                                                       \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |    \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	    ACCESS_TRUNCATE)

/* All that this version of Landlock can deny, as far as it is known here. */
static uint64_t
known_access(int version)
{
	uint64_t access = ((uint64_t)LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

	if (version >= 2)
		access |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= 3)
		access |= ACCESS_TRUNCATE;
	return access;
}

static int
kernel_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return version < 0 ? -errno : (int)version;
}

static int
allow_beneath(int rules, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = access,
	};
	int r = 0;

	beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return -errno;
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
		&beneath, 0) < 0)
		r = -errno;
	close(beneath.parent_fd);
	return r;
}

static void
grant(int rules, const char *path, uint64_t access)
{
	int r = allow_beneath(rules, path, access);

	/* What can be done in a folder cannot be granted for a file. */
	if (r == -EINVAL)
		r = -ENOTDIR;
	if (r < 0)
		log_warn("sandbox leaves %s closed: %s", path, strerror(-r));
}

int
landlock_enter(const struct landlock_grants *grants)
{
	struct landlock_ruleset_attr known = { .handled_access_fs = 0 };
	int version = kernel_version();
	int rules;
	int r = 0;

	if (version < 0)
		return version;
	known.handled_access_fs = known_access(version);
	rules =
	    (int)syscall(SYS_landlock_create_ruleset, &known, sizeof(known), 0);
	if (rules < 0)
		return -errno;
	grant(rules, "/dev/null", LANDLOCK_ACCESS_FS_READ_FILE);
	grant(rules, grants->spool, ACCESS_SPOOL & known.handled_access_fs);
	for (size_t i = 0; i < grants->socket_count; i++) {
		/* It would be for all that is below the folder as well. */
		if (eaccess(grants->sockets[i], W_OK) == 0)
			grant(rules, grants->sockets[i],
			    LANDLOCK_ACCESS_FS_REMOVE_FILE);
	}
	if (syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		r = -errno;
	close(rules);
	return r < 0 ? r : version;
}
