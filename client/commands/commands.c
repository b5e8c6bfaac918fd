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
