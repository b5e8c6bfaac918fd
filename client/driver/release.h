/*
 * release: writes results, as slowly as they are read, and notices when their
 * reader goes away.
 */
#ifndef CLIENT_DRIVER_RELEASE_H
#define CLIENT_DRIVER_RELEASE_H

#include "client/session/session.h"

/* The output of a session on its loop. */
struct release {
	struct output *output;
	struct loop_item item;
	bool watched; /* its descriptor can be waited for */
	/* Some was written, or no more will be. */
	void (*moved)(void *context);
	void *context;
};

/* Both arguments are borrowed.  release_deinit() follows. */
void release_init(struct release *release, struct session *session,
    void (*moved)(void *context), void *context);
void release_deinit(struct release *release);

/* Writes what there is, and the rest when there is a reader for it. */
void release_write(struct release *release);

/*
 * Waits until all is written.  Returns EXIT_DONE, also because writing failed;
 * EXIT_INTERRUPTED; or EXIT_FAILED, having said that it cannot wait.
 */
int release_all(struct session *session);

/*
 * Waits until a descriptor is readable, or is one that needs no wait; until
 * whoever reads the output leaves, which output_failed() tells; or until a time
 * of base/clock.  fd may be -1.  As session_run().
 */
enum session_wait release_wait(
    struct session *session, int fd, uint64_t until_ms);

#endif
