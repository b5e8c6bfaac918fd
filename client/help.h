/*
 * help: what --help and the command help print, on standard output.
 */
#ifndef CLIENT_HELP_H
#define CLIENT_HELP_H

#include "client/command.h"

void help_program(void);
void help_command(const struct command *command);

#endif
