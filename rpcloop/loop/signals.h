/*
 * Signals as work of a loop.
 *
 * They belong to a program, not to a library in it: a loop watches none unless
 * it is asked to.
 */
#ifndef RPCLOOP_LOOP_SIGNALS_H
#define RPCLOOP_LOOP_SIGNALS_H

#include "rpcloop/loop/loop.h"

#include <signal.h>

struct signals {
	struct loop_item item; /* a signalfd */
	void (*caught)(struct signals *signals, int number);
};

/*
 * Has caught() called, in a turn, for each of the signals that comes.  They are
 * blocked in this thread and in those that it starts from now on, and so in
 * the programs that it executes.  Returns 0 or a negative errno;
 * signals_deinit() either way.
 */
int signals_init(struct signals *signals, struct loop *l, const sigset_t *set,
    void (*caught)(struct signals *signals, int number));

/* They stay blocked.  May be called twice. */
void signals_deinit(struct signals *signals);

#endif
