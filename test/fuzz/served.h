/*
 * The real service in one process, for targets of libFuzzer that call it.
 */
#ifndef TEST_FUZZ_SERVED_H
#define TEST_FUZZ_SERVED_H

#include "rpcloop/serve/dispatcher.h"
#include "server/service/service.h"
#include "server/service/serving.h"

enum { SERVED_ROUNDS = 10000 }; /* enough for all there can be to do */

struct served {
	struct engine engine;
	struct dispatcher dispatcher;
	struct service service;
	struct serving serving;
	struct settings settings;
	bool started;
};

/* Starts it, with limits so small that an input can meet them; once. */
void served_start(struct served *s);

/* Runs turns while something is ready. */
void served_run(struct served *s);

/* Ends all streams, forgets them, and checks that nothing is left of any. */
void served_forget(struct served *s);

#endif
