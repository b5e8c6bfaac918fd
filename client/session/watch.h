/*
 * watch: ends a call that takes too long, or that the user interrupts.
 *
 * libtirpc blocks all signals while it waits for a reply, and starts its
 * timeout anew with each byte that arrives, so neither Ctrl-C nor a deadline
 * could end a call from within.  A thread of its own waits for both, and shuts
 * down the socket of the call in progress, which ends it with an error at once.
 * Waits that are not libtirpc's go through watch_wait.
 *
 * What happened stays so until watch_arm starts another call; an interruption
 * stays until it is forgiven.
 */
#ifndef CLIENT_SESSION_WATCH_H
#define CLIENT_SESSION_WATCH_H

#include <pthread.h>
#include <stdint.h>

enum watch_event {
	WATCH_NOTHING,
	WATCH_EXPIRED,    /* the deadline passed */
	WATCH_INTERRUPTED /* SIGINT */
};

/* No end to a wait, or to a deadline. */
#define WATCH_FOREVER UINT64_MAX

/* Milliseconds until a time of base/clock, which may be WATCH_FOREVER. */
uint64_t watch_left_until(uint64_t time_ms);

struct watch {
	pthread_t thread;
	pthread_mutex_t lock; /* of all that follows but the descriptors */
	int signals;          /* signalfd */
	int orders;           /* eventfd: the deadline moved, or stop */
	int wake;             /* eventfd: readable while something happened */
	int guarded;          /* the socket of the call, or -1 */
	uint64_t deadline_ms; /* of base/clock */
	enum watch_event happened;
	int stop;
};

/*
 * Starts the thread.  From now on SIGINT goes to the watch, unless it was
 * ignored before.  Returns 0 or a negative errno.
 */
int watch_start(struct watch *watch);

void watch_stop(struct watch *watch);

/* A new call begins, which may take these milliseconds. */
void watch_arm(struct watch *watch, uint64_t milliseconds);

/*
 * What was begun has to be ended at the server, within these milliseconds,
 * whatever happened: even an interruption is forgotten, so that the next one
 * counts.
 */
void watch_forgive(struct watch *watch, uint64_t milliseconds);

/* Milliseconds until the deadline, 0 once it passed. */
uint64_t watch_left(struct watch *watch);

enum watch_event watch_happened(struct watch *watch);

/*
 * Shuts fd, a connected socket, down when something happens, and at once if
 * it has.  fd must stay open until watch_release.
 */
void watch_guard(struct watch *watch, int fd);
void watch_release(struct watch *watch);

/*
 * Waits until fd, -1 for none, has one of the events of poll(2).  Returns 0;
 * -ETIMEDOUT after these milliseconds or when the deadline passes; -EINTR
 * when interrupted; or another negative errno.
 */
int watch_wait(
    struct watch *watch, int fd, short events, uint64_t milliseconds);

#endif
