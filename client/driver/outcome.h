/*
 * outcome: what is said of a stream that is over, and the exit code.
 */
#ifndef CLIENT_DRIVER_OUTCOME_H
#define CLIENT_DRIVER_OUTCOME_H

#include "client/driver/running.h"

int outcome_of_stream(const struct driver *driver);

/* The names in calls have to be random, which is known before the first. */
int outcome_without_random(const struct driver *driver);

#endif
