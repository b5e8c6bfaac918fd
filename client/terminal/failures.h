/*
 * failures: with --json they are results as well, objects among the others.
 */
#ifndef CLIENT_TERMINAL_FAILURES_H
#define CLIENT_TERMINAL_FAILURES_H

#include "client/terminal/output.h"

#include <stdbool.h>

struct failures {
	struct output *output; /* borrowed */
	const bool *json;      /* whether they are printed; borrowed */
};

/* From now on each failure that is said (client/terminal/say.h) is printed. */
void failures_print(struct failures *failures);

#endif
