/*
 * spare: large blocks that were freed, kept for those that come (base/block).
 * Calls and replies need them one after the other.
 */
#ifndef CLIENT_SESSION_SPARE_H
#define CLIENT_SESSION_SPARE_H

#include "base/block.h"
#include "rpcloop/loop/loop.h"

struct spare {
	struct loop_item item; /* due when something may go back */
	struct blocks blocks;
};

/* Begins, on the thread that runs the loop.  Returns 0 or -ENOMEM;
 * spare_deinit() either way. */
int spare_init(struct spare *spare, struct loop *loop);

/* May be called twice. */
void spare_deinit(struct spare *spare);

#endif
