/*
 * For tests of client/driver: an EACH stream of a user, with a server by hand,
 * whose output is a pipe.
 */
#ifndef TEST_LIB_EACH_H
#define TEST_LIB_EACH_H

#include "client/driver/driver.h"
#include "test/lib/hand.h"
#include "test/lib/user.h"

enum { TEXT_MAX = 64 * 1024, COUNT_MAX = 1000 };

struct each {
	struct user *user;
	struct hand hand;
	/* The input: so many messages of so many bytes; */
	uint64_t count;
	size_t len;
	bool piped;       /* as many as bytes came by the pipe */
	int input[2];     /* and at its end no more */
	bool ended;       /* it has */
	int unwatched;    /* what cannot be watched, instead; or -1 */
	int looks;        /* until something is there, then */
	int refill_fails; /* the how manieth; 0: none */
	int refills;
	/* The output, and what it should be. */
	int output[2];
	unsigned int copies; /* of an answer, beside it */
	uint64_t answers;
	char *texts[COUNT_MAX];
	char text[TEXT_MAX];
	pthread_t thread;
	stream_end how;
};

/* The set-up of a test and its end, for cmocka: *state is the each. */
int each_setup(void **state);
int each_teardown(void **state);

/* Messages come by the pipe from now on, one for each byte. */
void each_is_piped(struct each *f);

/* Runs the stream; and so with what it says in user->text.  An exit code. */
int each_drives(struct each *f);
int each_runs(struct each *f);

/* Calls of a procedure that came. */
unsigned int each_count(const struct each *f, unsigned int procedure);

/* Closes a descriptor, and makes it -1. */
void each_closes(int *fd);

#endif
