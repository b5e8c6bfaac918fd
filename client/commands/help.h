/*
 * help: what --help and the command help print.
 */
#ifndef CLIENT_COMMANDS_HELP_H
#define CLIENT_COMMANDS_HELP_H

#include "client/commands/command.h"

void help_program(struct output *output);
void help_command(struct output *output, const struct command *command);

#endif
