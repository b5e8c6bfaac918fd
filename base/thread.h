/*
 * thread: one that no signal interrupts.
 *
 * Signals are for the thread of a loop, and SIGXFSZ becomes EFBIG.  But what a
 * sandbox denies is told by the thread that asked for it: SIGSYS.
 */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

/* Returns 0 or a negative errno. */
int thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

#endif
