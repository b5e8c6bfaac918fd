/*
 * release: writes results, as slowly as they are read, until the user ends it.
 */
#ifndef CLIENT_DRIVER_RELEASE_H
#define CLIENT_DRIVER_RELEASE_H

#include "client/session/session.h"

/*
 * Waits for a reader, each time for at most these milliseconds.  Returns 0 when
 * nothing is left to write, also because writing failed; -ETIMEDOUT after the
 * time or at the watch's deadline, and then it is to be called again; -EINTR
 * when interrupted; or another negative errno.
 */
int release_some(struct session *session, uint64_t milliseconds);

/*
 * All of it.  Returns EXIT_DONE, also because writing
 * failed; EXIT_INTERRUPTED; or EXIT_FAILED, having said why.
 */
int release_all(struct session *session);

#endif
