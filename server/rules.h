/*
 * Which options of the daemon have no meaning together.
 */
#ifndef SERVER_RULES_H
#define SERVER_RULES_H

#include "server/settings.h"

/* Refuses what the command line asks for in vain; 0 or OPTION_WRONG. */
int rules_check(const struct settings *settings, struct option_error *error);

#endif
