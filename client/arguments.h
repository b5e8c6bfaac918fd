/*
 * arguments: the command line, read in two steps, because which options there
 * may follow the command depends on it.
 */
#ifndef CLIENT_ARGUMENTS_H
#define CLIENT_ARGUMENTS_H

#include "client/commands/command.h"

#include <stdalign.h>

struct arguments {
	struct settings settings;
	const struct command *command; /* NULL with --help and --version */
	int count;
	char **operands;
	alignas(max_align_t) unsigned char options[COMMAND_OPTIONS_MAX];
	struct option_group before_groups[SETTINGS_PARTS],
	    after_groups[SETTINGS_PARTS + 1];
	struct option_set before, after; /* of the command */
};

/*
 * Returns EXIT_DONE, or EXIT_USAGE having said what is wrong.
 * arguments_release follows in both cases.
 */
int arguments_read(struct arguments *arguments, int argc, char **argv);

void arguments_release(struct arguments *arguments);

#endif
