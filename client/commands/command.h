/*
 * command: the commands, one description each; a file of its own for what
 * each does.  A command of your own is a file and a row of COMMANDS.
 *
 * A command writes its results to session->output.  It need not write them out:
 * main does when it is done.  One without an end does after each result.
 */
#ifndef CLIENT_COMMANDS_COMMAND_H
#define CLIENT_COMMANDS_COMMAND_H

#include "client/session/session.h"
#include "option/option.h"

#include <stddef.h>

/* Bytes of the options of any command. */
#define COMMAND_OPTIONS_MAX 64

/* What the rules of a command are told. */
struct command_choice {
	const struct settings *settings;
	const void *options; /* its own */
};

/* No limit to the operands. */
#define COMMAND_MANY (-1)

struct command {
	const char *name;
	const char *operands;          /* as usage shows them, "" for none */
	const char *summary;           /* one line, for the list */
	const char *about;             /* several, for its own help */
	const struct option_row *rows; /* its own options, or NULL */
	const void *defaults;          /* what they fill, before they do */
	size_t options_size; /* of that, at most COMMAND_OPTIONS_MAX */
	/* When its own options have no meaning; NULL: they always have one. */
	const struct option_rule *rules;
	unsigned int uses; /* of enum settings_use */
	int least, most;   /* operands, or COMMAND_MANY */
	/* Returns an exit code, having explained what is not EXIT_DONE. */
	int (*run)(struct session *session, const void *options, int count,
	    char **operands);
};

/*
 * All of them in the order of the help, a row each: command_NAME is defined in
 * the command's file.
 */
#define COMMANDS(ROW)   \
	ROW(greet)      \
	ROW(send)       \
	ROW(collect)    \
	ROW(spell)      \
	ROW(each)       \
	ROW(whole)      \
	ROW(ping)       \
	ROW(status)     \
	ROW(describe)   \
	ROW(whoami)     \
	ROW(call)       \
	ROW(list)       \
	ROW(bench)      \
	ROW(dissector)  \
	ROW(completion) \
	ROW(help)

#define COMMAND_DECLARE(name_) extern const struct command command_##name_;
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE

/* The same as an array that ends with NULL. */
extern const struct command *const commands[];

/* The groups of options below: all settings, and a command's own. */
enum { COMMAND_GROUPS = SETTINGS_PARTS + 1 };

/* Fills in the options that have a meaning for a command, or for any with NULL,
 * without fields to be read into.  Returns how many groups they are. */
size_t command_groups(
    const struct command *command, struct option_group groups[COMMAND_GROUPS]);

/* The command of that name, or NULL. */
const struct command *command_find(const char *name);

#endif
