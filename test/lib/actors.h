/*
 * For tests of the loop: items that write down when they are run and settled,
 * and do what a test tells them.
 */
#ifndef TEST_LIB_ACTORS_H
#define TEST_LIB_ACTORS_H

#include "rpcloop/loop/loop.h"

#include <stdbool.h>

enum { ACTORS = 4, ACTORS_BUDGET = 1000 };

struct actor {
	struct loop_item item;
	char letter;
	int other; /* the other end of its socket pair */
	void (*act)(struct actor *actor, unsigned int reasons);
};

struct stage {
	struct loop loop; /* whose turns only bytes bound */
	struct actor actors[ACTORS];
	char trace[256]; /* who was run, a to d; who was settled, A to D */
};

/* Of the test that is run. */
extern struct stage stage;

/* Its set-up and its end, for cmocka: each actor can be read from, and due. */
int actors_setup(void **state);
int actors_teardown(void **state);

/* Adds a letter to the trace. */
void actors_note(char letter);

/* The run() and settle() of an actor, which note its letter. */
void actor_runs(struct loop_item *item, unsigned int reasons);
bool actor_is_settled(struct loop_item *item);

/* Makes an actor readable; runs one turn; and whether one has work. */
void actors_poke(int i);
void actors_turn(void);
bool actors_ready(void);

/* For act: reads what is there; and touches itself besides. */
void actor_reads(struct actor *actor, unsigned int reasons);
void actor_settles(struct actor *actor, unsigned int reasons);

#endif
