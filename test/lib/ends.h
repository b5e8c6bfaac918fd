/*
 * For tests of client/terminal/output: one output, and both ends of what it
 * writes to.  Whatever waits is ended, and the test, after a time.
 */
#ifndef TEST_LIB_ENDS_H
#define TEST_LIB_ENDS_H

#include "client/terminal/output.h"

/* Of the test that is run: what is read from, and what output is given; -1:
 * none. */
extern struct output output;
extern int ends[2];

/* The set-up of a test and its end, for cmocka. */
int ends_setup(void **state);
int ends_teardown(void **state);

/* Makes both ends, with these flags or of that type, and the output.  The
 * second pipe cannot be opened again; the file has no name. */
void ends_pipe(int flags);
void ends_asked_pipe(void);
void ends_sockets(int type);
void ends_file(int flags);

/* Closes one. */
void ends_leave(int end);

/* Has the output hold so many bytes, appended in lines of different lengths. */
void ends_feed(size_t total);

/* Reads what is there, which has to go on after the first bytes fed; returns
 * how many there are with these. */
size_t ends_check(size_t from);

/* Seconds until what waits is ended. */
enum { ENDS_TOO_LONG = 100 };

#endif
