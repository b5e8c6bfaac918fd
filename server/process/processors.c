#include "server/process/processors.h"

#include "base/base.h"

#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

unsigned int
processors_in_quota(const char *text)
{
	unsigned int quota, period;

	if (sscanf(text, "%u %u", &quota, &period) != 2 || quota == 0 ||
	    period == 0)
		return 0;
	return (quota - 1) / period + 1;
}

/* The first line of the file that begins so, without its end; "" if none. */
static void
read_line(char *line, int size, const char *path, const char *beginning)
{
	FILE *file = fopen(path, "re");
	bool found = false;

	while (file != NULL && !found && fgets(line, size, file) != NULL)
		found = strncmp(line, beginning, strlen(beginning)) == 0;
	if (file != NULL)
		fclose(file);
	line[found ? strcspn(line, "\n") : 0] = '\0';
}

/* Of this process's own group; 0: none, or it cannot be told. */
static unsigned int
quota_of_group(void)
{
	static const char unified[] = "0::";
	char group[PATH_MAX], path[PATH_MAX + 32], text[64];

	read_line(group, sizeof(group), "/proc/self/cgroup", unified);
	if (group[0] == '\0')
		return 0;
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cpu.max",
	    group + strlen(unified));
	read_line(text, sizeof(text), path, "");
	return processors_in_quota(text);
}

unsigned int
processors_usable(unsigned int most)
{
	unsigned int count = 1, quota = quota_of_group();
	cpu_set_t set;

	/* It fails where there are more than a set has room for. */
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		count = (unsigned int)CPU_COUNT(&set);
	if (quota > 0)
		count = MIN_OF(count, quota);
	return MIN_OF(MAX_OF(count, 1u), most);
}
