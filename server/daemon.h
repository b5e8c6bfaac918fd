/*
 * The daemon: start, drain and stop.
 *
 * The order of the start matters.  Addresses are bound as root, then root is
 * given up and the sandbox entered, which every thread started later is in as
 * well; only then is the program registered, so that one user owns every entry
 * of rpcbind; serving begins when all of it is done.
 *
 * SIGTERM, SIGINT and SIGHUP drain: the registration is taken back and no
 * stream is opened any more.  Streams go on until their clients have been told
 * the end, or the time for it is over; then nothing new is accepted, calls
 * that have arrived are answered, and the daemon ends.  A second signal ends
 * it at once.  SIGHUP does nothing where it was ignored before, as under
 * nohup(1).
 */
#ifndef SERVER_DAEMON_H
#define SERVER_DAEMON_H

#include "server/settings.h"

/* Runs until it is told to stop.  Returns the exit status. */
int daemon_run(const struct settings *settings);

#endif
