/*
 * input: the text of a message, from standard input.
 *
 * Whoever reads it waits until standard input is readable, then reads once.
 */
#ifndef CLIENT_TERMINAL_INPUT_H
#define CLIENT_TERMINAL_INPUT_H

#include <stddef.h>

/* The outcomes of reading beside 0. */
enum input_result {
	INPUT_END = 1,
	INPUT_TOO_LONG, /* there is more than the limit */
};

/* Memory holds at most one byte more than the limit. */
struct input {
	char *bytes;
	size_t len;
	size_t room;
	size_t limit;
};

void input_init(struct input *input, size_t limit);
void input_deinit(struct input *input);

/*
 * Reads once from standard input, after what was read before.  Returns 0:
 * there may be more; INPUT_END; INPUT_TOO_LONG; or a negative errno.
 */
int input_read(struct input *input);

/* Tells a user at a terminal that it is read. */
void input_invite(void);

#endif
