/*
 * The real service in one process, for targets of libFuzzer that call it.
 */
#ifndef TEST_FUZZ_SERVING_H
#define TEST_FUZZ_SERVING_H

#include "server/service/service.h"

enum { SERVING_ROUNDS = 10000 }; /* enough for all there can be to do */

struct serving {
	struct engine engine;
	struct dispatcher dispatcher;
	struct service service;
	struct settings settings;
	bool started;
};

/* Starts it, with limits so small that an input can meet them; once. */
void serving_start(struct serving *s);

/* Runs turns while something is ready. */
void serving_run(struct serving *s);

/* Ends all streams, forgets them, and checks that nothing is left of any. */
void serving_forget(struct serving *s);

#endif
