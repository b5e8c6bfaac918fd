/*
 * completion: for the files of this command alone.
 */
#ifndef CLIENT_COMMANDS_COMPLETION_H
#define CLIENT_COMMANDS_COMPLETION_H

#include "client/commands/command.h"

/* Lines that are no word, but say what the shell knows better. */
#define COMPLETION_FILES ":files"
#define COMPLETION_HOSTS ":hosts"

/* Writes the script for the shell of that name.  Returns an exit code. */
int completion_script(struct output *output, const char *shell);

/* Writes a line for each shell whose name begins so. */
void completion_offer_shells(struct output *output, const char *start);

#endif
