/*
 * What a test has said on standard error.
 */
#ifndef TEST_LIB_ERRORS_H
#define TEST_LIB_ERRORS_H

#include <stddef.h>

struct errors {
	int file; /* stands in its place */
	int kept; /* standard error meanwhile */
};

/* Standard error goes to a file from now on, until errors_end(). */
void errors_begin(struct errors *errors);

/* For what the test itself has to say: it is itself again, and once more the
 * file. */
void errors_pause(const struct errors *errors);
void errors_go_on(const struct errors *errors);

/* What was said, all of it, as a string of less than size bytes. */
void errors_read(const struct errors *errors, char *text, size_t size);

void errors_end(struct errors *errors);

#endif
