/*
 * What the daemon gives up before it serves: system calls it does not need,
 * the files that are none of its business, and ever to get rights back.
 */
#ifndef SERVER_PROCESS_SANDBOX_H
#define SERVER_PROCESS_SANDBOX_H

#include "server/process/landlock.h"

/*
 * To be called before there is any other thread: those that are started later
 * have it too.  The log says what is in force, and why the rest is not: a
 * kernel without it is no error.
 */
void sandbox_enter(const struct landlock_grants *grants);

#endif
