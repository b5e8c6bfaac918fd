/*
 * arguments: the command line.
 *
 * The first step stops at the command with the options that all commands have;
 * the second reads what follows with those and the command's own.  The same
 * fields are filled by both, so the place of an option does not matter.
 */
#include "client/arguments.h"

#include <assert.h>
#include <string.h>

/* Says what is wrong, and where the right thing is explained. */
static int
wrong(const struct command *command, const char *text)
{
	struct say_lines lines = { .len = 0 };

	say_line(&lines, "%s", text);
	if (command == NULL)
		say_line(&lines, "  reverse help lists commands and options");
	else
		say_line(&lines, "  reverse help %s explains the command%s",
		    command->name,
		    command->most == COMMAND_MANY
			? "; a text that starts with - goes after --"
			: "");
	say_lines(&lines);
	return EXIT_USAGE;
}

static int
find_command(struct arguments *arguments, const char *name)
{
	struct option_error error;

	/* reverse alone is a filter, as rev(1) is. */
	arguments->command = name != NULL ? command_find(name) : &command_each;
	if (arguments->command != NULL)
		return EXIT_DONE;
	option_refuse(&error, "there is no command %.200s", name);
	return wrong(NULL, error.text);
}

static int
check_operands(const struct arguments *arguments)
{
	const struct command *command = arguments->command;
	struct option_error error;

	if (arguments->count >= command->least &&
	    (command->most == COMMAND_MANY ||
		arguments->count <= command->most))
		return EXIT_DONE;
	option_refuse(&error, "%s takes %s", command->name,
	    command->operands[0] != '\0' ? command->operands : "no arguments");
	return wrong(command, error.text);
}

/* What follows the command, which stands at argv[0]. */
static int
read_after(struct arguments *arguments, int argc, char **argv)
{
	const struct command *command = arguments->command;
	struct option_error error;
	int first;

	assert(command->options_size <= sizeof(arguments->options));
	if (command->options_size > 0)
		memcpy(arguments->options, command->defaults,
		    command->options_size);
	arguments->after_groups[0] = arguments->before_groups[0];
	arguments->after_groups[1] =
	    (struct option_group){ "Options of the command", command->rows,
		    arguments->options };
	option_init(&arguments->after, arguments->after_groups,
	    command->rows != NULL ? 2 : 1);
	if (option_line(&arguments->after, argc, argv, false, &first, &error) !=
		0 ||
	    settings_check(&arguments->settings, &error) != 0)
		return wrong(command, error.text);
	arguments->count = argc - first;
	arguments->operands = argv + first;
	return EXIT_DONE;
}

int
arguments_read(struct arguments *arguments, int argc, char **argv)
{
	struct option_error error;
	int first, r;

	memset(arguments, 0, sizeof(*arguments));
	arguments->settings = settings_default;
	arguments->before_groups[0] = (struct option_group){ "Options",
		settings_rows, &arguments->settings };
	option_init(&arguments->before, arguments->before_groups, 1);
	option_init(&arguments->after, arguments->after_groups, 0);
	if (option_line(&arguments->before, argc, argv, true, &first, &error) !=
	    0)
		return wrong(NULL, error.text);
	if (arguments->settings.help || arguments->settings.release)
		return EXIT_DONE;
	r = find_command(arguments, argv[first]);
	if (r == EXIT_DONE)
		r = read_after(arguments, argc - first, argv + first);
	if (r != EXIT_DONE || arguments->settings.help)
		return r;
	return check_operands(arguments);
}

void
arguments_release(struct arguments *arguments)
{
	option_release(&arguments->before);
	option_release(&arguments->after);
}
