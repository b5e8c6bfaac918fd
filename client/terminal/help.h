/*
 * help: what --help and the command help print, on standard output.
 */
#ifndef CLIENT_TERMINAL_HELP_H
#define CLIENT_TERMINAL_HELP_H

#include "client/commands/command.h"

void help_program(void);
void help_command(const struct command *command);

#endif
