/*
 * For tests of the sandbox: a child that enters it and tries one thing.
 */
#ifndef TEST_LIB_SANDBOXED_H
#define TEST_LIB_SANDBOXED_H

/* Below a folder of the test's own, in which it runs.  In the sandbox the
 * first two are the spool and a folder of sockets. */
#define SPOOL   "spool"
#define SOCKETS "sockets"
#define STALE   SOCKETS "/stale" /* a file, as is the next */
#define OTHER   "other"

struct sandboxed {
	int code; /* 0: it worked; an errno; or, negative, a signal */
	char log[1024];
};

/* Runs in the child.  Returns 0 or an errno. */
typedef int sandboxed_fn(void);

/* For each test of cmocka: makes the folder, and removes it. */
int sandboxed_set_up(void **state);
int sandboxed_tear_down(void **state);

struct sandboxed sandboxed_try(sandboxed_fn *attempt);
struct sandboxed sandboxed_try_with(const char *spool, sandboxed_fn *attempt);

/* It works, and nothing is logged. */
void sandboxed_assert_works(sandboxed_fn *attempt);

/* It is the end of the child, with the number of the call in its log. */
void sandboxed_assert_denied(sandboxed_fn *attempt, long number);

/* Why there can be no sandbox here, or NULL. */
const char *sandboxed_lacking(void);

#endif
