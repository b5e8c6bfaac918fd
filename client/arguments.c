/*
 * arguments: the command line.
 *
 * The first step stops at the command with the options that all commands have;
 * the second reads what follows with those and the command's own.  The same
 * fields are filled by both, so the place of an option does not matter.
 */
#include "client/arguments.h"

#include "client/session/status_name.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>

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
	say_failure_lines(status_name(STATUS_INVALID_ARGUMENT), &lines);
	return EXIT_USAGE;
}

/* Whether a command could read it; of a folder it could not. */
static bool
is_file(const char *name)
{
	struct stat status;

	return stat(name, &status) == 0 && !S_ISDIR(status.st_mode);
}

static int
find_command(struct arguments *arguments, const char *name)
{
	struct option_error error;

	/* reverse alone is a filter, as rev(1) is. */
	arguments->command = name != NULL ? command_find(name) : &command_each;
	if (arguments->command != NULL)
		return EXIT_DONE;
	if (name[0] == '\0')
		option_refuse(&error,
		    "the command is empty; for an empty text type: reverse "
		    "send \"\"");
	else if (is_file(name))
		option_refuse(&error,
		    "there is no command %.200s, but a file; did you mean "
		    "\"each %.600s\"?",
		    name, name);
	else
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

/* The options of a part without a meaning for the command. */
static int
check_part(const struct arguments *arguments, const struct settings_part *part,
    struct option_error *error)
{
	const struct command *command = arguments->command;

	if ((part->use & ~command->uses) == 0)
		return 0;
	for (const struct option_row *row = part->rows; row->name != NULL;
	     row++)
		if (option_is_given(&arguments->after, row->name))
			return option_refuse(error,
			    "--%s: has no meaning for %s", row->name,
			    command->name);
	return 0;
}

/* Options that have no meaning for the command. */
static int
check_for_command(const struct arguments *arguments, struct option_error *error)
{
	const struct command *command = arguments->command;
	const struct command_choice choice = {
		.settings = &arguments->settings,
		.options = arguments->options,
	};
	int r = settings_check(&arguments->settings, error);

	for (size_t i = 0; r == 0 && i < SETTINGS_PARTS; i++)
		r = check_part(arguments, &settings_parts[i], error);
	if (r == 0 && command->rules != NULL)
		r = option_check(
		    &arguments->after, command->rules, &choice, error);
	return r;
}

/* Only --help and --version count where one of them is. */
static bool
is_for_people(const struct arguments *arguments)
{
	return arguments->settings.help || arguments->settings.release;
}

/* Options that have no meaning together, or for the command. */
static int
check_options(const struct arguments *arguments, struct option_error *error)
{
	const struct option_set *set =
	    arguments->command != NULL ? &arguments->after : &arguments->before;
	int r = option_check(set, settings_rules, &arguments->settings, error);

	return r != 0 || is_for_people(arguments)
	    ? r
	    : check_for_command(arguments, error);
}

/* What follows the command, which stands at argv[0]. */
static int
read_after(struct arguments *arguments, int argc, char **argv)
{
	const struct command *command = arguments->command;
	struct option_group *groups = arguments->after_groups;
	struct option_error error;
	int first;

	assert(command->options_size <= sizeof(arguments->options));
	if (command->options_size > 0)
		memcpy(arguments->options, command->defaults,
		    command->options_size);
	memcpy(
	    groups, arguments->before_groups, sizeof(arguments->before_groups));
	groups[SETTINGS_PARTS] =
	    (struct option_group){ NULL, command->rows, arguments->options };
	option_init(&arguments->after, groups,
	    SETTINGS_PARTS + (command->rows != NULL ? 1 : 0));
	option_follow(&arguments->after, &arguments->before);
	if (option_line(&arguments->after, argc, argv, false, &first, &error) !=
	    0)
		return wrong(command, error.text);
	arguments->count = argc - first;
	arguments->operands = argv + first;
	return EXIT_DONE;
}

/* What stands before the command. */
static int
read_before(struct arguments *arguments, int argc, char **argv, int *first)
{
	struct option_error error;

	for (size_t i = 0; i < SETTINGS_PARTS; i++)
		arguments->before_groups[i] = (struct option_group){ NULL,
			settings_parts[i].rows, &arguments->settings };
	option_init(
	    &arguments->before, arguments->before_groups, SETTINGS_PARTS);
	option_init(&arguments->after, arguments->after_groups, 0);
	if (option_line(&arguments->before, argc, argv, true, first, &error) !=
	    0)
		return wrong(NULL, error.text);
	return EXIT_DONE;
}

int
arguments_read(struct arguments *arguments, int argc, char **argv)
{
	struct option_error error;
	int first, r;

	memset(arguments, 0, sizeof(*arguments));
	arguments->settings = settings_default;
	r = read_before(arguments, argc, argv, &first);
	if (r == EXIT_DONE && !is_for_people(arguments))
		r = find_command(arguments, argv[first]);
	if (r == EXIT_DONE && arguments->command != NULL)
		r = read_after(arguments, argc - first, argv + first);
	if (r != EXIT_DONE)
		return r;
	if (check_options(arguments, &error) != 0)
		return wrong(arguments->command, error.text);
	return is_for_people(arguments) ? EXIT_DONE : check_operands(arguments);
}

void
arguments_release(struct arguments *arguments)
{
	option_release(&arguments->before);
	option_release(&arguments->after);
}
