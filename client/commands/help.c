/*
 * help: made from the tables of commands and options, so that it cannot name
 * what does not exist.
 */
#include "client/commands/help.h"

#include "client/session/status_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* What options write about themselves; they know streams alone. */
static void
print_set(struct output *output, const struct option_set *set)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	if (stream == NULL) {
		output_fail(output, errno);
		return;
	}
	option_help(set, stream);
	if (fclose(stream) == 0)
		output_bytes(output, text, len);
	else
		output_fail(output, errno);
	free(text);
}

static void
print_options(struct output *output, const struct command *command)
{
	struct option_group groups[COMMAND_GROUPS];
	struct option_set set;

	option_init(&set, groups, command_groups(command, groups));
	print_set(output, &set);
}

void
help_program(struct output *output)
{
	output_text(output,
	    "usage: reverse [options] [COMMAND] [options] "
	    "[argument ...]\n\nCommands (each, if there is none):\n");
	for (const struct command *const *at = commands; *at != NULL; at++)
		output_text(output, "  %-24s%s\n", (*at)->name, (*at)->summary);
	output_text(output, "\n");
	print_options(output, NULL);
	output_text(output,
	    "\nExit codes:\n"
	    "  0  done\n"
	    "  1  the server said no, or input or output "
	    "failed\n"
	    "  2  wrong usage\n"
	    "  3  the server cannot be reached, or went away\n"
	    "  4  the deadline passed\n"
	    "  129  ended by SIGHUP, when its terminal was closed\n"
	    "  130  interrupted\n"
	    "  143  ended by SIGTERM\n");
}

void
help_command(struct output *output, const struct command *command)
{
	output_text(output,
	    "usage: reverse [options] %s [options]%s%s\n\n%s\n\n",
	    command->name, command->operands[0] != '\0' ? " " : "",
	    command->operands, command->about);
	print_options(output, command);
}

static int
help(struct session *session, const void *options, int count, char **operands)
{
	const struct command *command;

	(void)options;
	if (count == 0) {
		help_program(session->output);
		return EXIT_DONE;
	}
	command = command_find(operands[0]);
	if (command == NULL) {
		say_failure(status_name(STATUS_INVALID_ARGUMENT),
		    "there is no command %s; reverse help lists them",
		    operands[0]);
		return EXIT_USAGE;
	}
	help_command(session->output, command);
	return EXIT_DONE;
}

const struct command command_help = {
	.name = "help",
	.operands = "[COMMAND]",
	.summary = "explain the program, or one command",
	.about = "Prints what --help prints.",
	.most = 1,
	.run = help,
};
