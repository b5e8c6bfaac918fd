/*
 * commands: the table that the command line is looked up in.
 */
#include "client/commands/command.h"

#include <string.h>

const struct command *const commands[] = {
	&command_greet,
	&command_send,
	&command_collect,
	&command_spell,
	&command_each,
	&command_whole,
	&command_ping,
	&command_status,
	&command_describe,
	&command_whoami,
	&command_help,
	NULL,
};

const struct command *
command_find(const char *name)
{
	const struct command *const *at = commands;

	while (*at != NULL && strcmp((*at)->name, name) != 0)
		at++;
	return *at;
}
