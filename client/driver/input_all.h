/*
 * input_all: standard input to its end, for what is sent as one.
 */
#ifndef CLIENT_DRIVER_INPUT_ALL_H
#define CLIENT_DRIVER_INPUT_ALL_H

#include "client/session/session.h"
#include "client/terminal/input.h"

/*
 * Reads until there is no more, unless that never comes, or nobody wants what
 * would come of it, which output_failed() tells.  what has the limit of the
 * input, for people.  Returns an exit code, having said what is not EXIT_DONE.
 */
int input_all(struct session *session, struct input *input, const char *what);

#endif
