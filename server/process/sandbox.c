#include "server/process/sandbox.h"

#include "base/log.h"
#include "server/process/seccomp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

struct part {
	const char *name;
	int result; /* a negative errno: not in force */
};

/* Appends "; no NAME: REASON" for a part that is not in force. */
static void
explain(char *why, size_t size, const struct part *part)
{
	size_t used = strlen(why);

	if (part->result < 0)
		snprintf(why + used, size - used, "%s no %s: %s",
		    used == 0 ? ":" : ";", part->name, strerror(-part->result));
}

static void
report(const struct part *privileges, const struct part *files,
    const struct part *calls)
{
	char landlock[16] = "no";
	char why[256] = "";

	explain(why, sizeof(why), privileges);
	explain(why, sizeof(why), files);
	explain(why, sizeof(why), calls);
	if (files->result > 0)
		snprintf(landlock, sizeof(landlock), "abi%d", files->result);
	log_info("sandbox seccomp=%s landlock=%s no_new_privs=%s%s",
	    calls->result < 0 ? "no" : "yes", landlock,
	    privileges->result < 0 ? "no" : "yes", why);
}

void
sandbox_enter(const struct landlock_grants *grants)
{
	struct part privileges = { "no_new_privs", 0 };
	struct part files = { "landlock", 0 };
	struct part calls = { "seccomp", 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		privileges.result = -errno;
	/* The calls that do this are denied after the last one. */
	files.result = landlock_enter(grants);
	calls.result = seccomp_enter();
	report(&privileges, &files, &calls);
}
