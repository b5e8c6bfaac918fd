/*
 * The inbox of a loop: what other threads have for it to do.
 *
 * A message is embedded in an object of whoever posts it, and is run on the
 * thread of the loop, in the order in which they were posted.  Those for which
 * a turn has no time are run in the next.
 */
#ifndef RPCLOOP_LOOP_INBOX_H
#define RPCLOOP_LOOP_INBOX_H

#include "rpcloop/loop/loop.h"

#include <pthread.h>

struct inbox_message {
	void (*run)(struct inbox_message *message);
	bool posted; /* under the lock of the inbox */
	STAILQ_ENTRY(inbox_message) entry;
};
STAILQ_HEAD(inbox_list, inbox_message);

struct inbox {
	struct loop_item item; /* an eventfd */
	pthread_mutex_t lock;
	struct inbox_list messages;
	struct inbox_list taken; /* to be run, by the thread of the loop */
};

/* Returns 0 or a negative errno; inbox_deinit() either way. */
int inbox_init(struct inbox *inbox, struct loop *l);

/* Before the loop's end; nobody posts any more, and what was is not run.  May
 * be called twice. */
void inbox_deinit(struct inbox *inbox);

/*
 * From any thread: has the message run.  It is borrowed until then; posted
 * again before, it is run once.
 */
void inbox_post(struct inbox *inbox, struct inbox_message *message);

/*
 * On the thread of the loop, outside a turn: runs all that were posted, and
 * those that they post.  Returns whether there were any.
 */
bool inbox_run_all(struct inbox *inbox);

#endif
