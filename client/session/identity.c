#include "client/session/identity.h"

#include "base/base.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What AUTH_SYS has room for. */
#define MACHINE_NAME_MAX 255
#define GROUPS_MAX       16

/* The first groups of the process, as many as AUTH_SYS carries. */
static int
first_groups(gid_t groups[GROUPS_MAX], int *count)
{
	int all = getgroups(0, NULL);
	gid_t *list;

	*count = 0;
	if (all <= 0)
		return 0;
	list = calloc((size_t)all, sizeof(*list));
	if (list == NULL)
		return -ENOMEM;
	all = getgroups(all, list);
	if (all > 0) {
		*count = MIN_OF(all, GROUPS_MAX);
		memcpy(groups, list, (size_t)*count * sizeof(*list));
	}
	free(list);
	return 0;
}

int
identity_new(AUTH **out)
{
	char machine[MACHINE_NAME_MAX + 1] = "";
	gid_t groups[GROUPS_MAX];
	int count;

	/* A name that does not fit is cut, which Linux leaves unended. */
	if (gethostname(machine, MACHINE_NAME_MAX) != 0)
		machine[0] = '\0';
	if (first_groups(groups, &count) != 0)
		return -ENOMEM;
	*out = authunix_create(machine, geteuid(), getegid(), count, groups);
	return *out != NULL ? 0 : -ENOMEM;
}
