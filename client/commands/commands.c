/*
 * commands: the table that the command line is looked up in.
 */
#include "client/commands/command.h"

#include <string.h>

#define ADDRESS(name_) &command_##name_,
const struct command *const commands[] = { COMMANDS(ADDRESS) NULL };
#undef ADDRESS

const struct command *
command_find(const char *name)
{
	const struct command *const *at = commands;

	while (*at != NULL && strcmp((*at)->name, name) != 0)
		at++;
	return *at;
}

size_t
command_groups(
    const struct command *command, struct option_group groups[COMMAND_GROUPS])
{
	size_t count = 0;

	for (size_t i = 0; i < SETTINGS_PARTS; i++) {
		const struct settings_part *part = &settings_parts[i];

		if (command != NULL && (part->use & ~command->uses) != 0)
			continue;
		groups[count] =
		    (struct option_group){ count > 0 ? NULL : "Options",
			    part->rows, NULL };
		count++;
	}
	if (command != NULL && command->rows != NULL)
		groups[count++] =
		    (struct option_group){ "Options of the command",
			    command->rows, NULL };
	return count;
}
