/*
 * bench: makes many calls of one procedure, and measures them.
 *
 * A pool of connections has room for the calls, a plan says when each is to
 * begin, and a tally has what came of them.
 */
#ifndef CLIENT_BENCH_BENCH_H
#define CLIENT_BENCH_BENCH_H

#include "client/bench/tally.h"
#include "client/session/session.h"

struct bench_options {
	unsigned int connections;
	unsigned int in_flight;   /* on each */
	uint64_t size;            /* bytes of a text */
	const char *messages;     /* a file with a text in each line, or NULL */
	unsigned int count;       /* of calls; 0: no limit */
	unsigned int rate;        /* calls a second; 0: as fast as they go */
	unsigned int duration_ms; /* 0: no limit but the count; without that
				     BENCH_DURATION_MS */
	unsigned int warm_up_ms;  /* before that, and not counted */
	const char *plot;         /* where a picture goes, or NULL */
};

enum {
	BENCH_SIZE = 64,
	BENCH_DURATION_MS = 10 * 1000,
	BENCH_CONNECTIONS_MAX = 1000,
	BENCH_IN_FLIGHT_MAX = 1024,
	BENCH_CALLS_MAX = 64 * 1024, /* in flight on all connections */
	BENCH_RATE_MAX = 1000 * 1000,
};

#define BENCH_NO_SIZE UINT64_MAX

/* What is called, by the name of a command. */
struct bench_target {
	const char *name;
	const struct procedure *procedure;
};

/* One of the targets, which end with a name of NULL. */
extern const struct bench_target bench_targets[];

/*
 * Fills in the tally.  Returns EXIT_DONE: every call was answered; EXIT_FAILED:
 * some were not, or not as they should be, which the tally tells, or it could
 * not begin, and has said why.  Else another exit code, having said why it
 * ended early, unless it was interrupted.  Without a call in the tally nothing
 * has been measured.
 */
int bench_run(struct session *session, const struct bench_options *options,
    const struct bench_target *target, struct tally *tally);

#endif
