/*
 * input: standard input, of which memory holds the limit and one byte at most.
 */
#include "client/terminal/input.h"

#include "base/base.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/* Room that input begins with; it doubles as input comes. */
#define INPUT_ROOM 4096

static int
grow(char **bytes, size_t *room, size_t limit)
{
	size_t more = *room > 0 ? MIN_OF(*room * 2, limit) : INPUT_ROOM;
	char *grown = realloc(*bytes, more);

	if (grown == NULL)
		return -ENOMEM;
	*bytes = grown;
	*room = more;
	return 0;
}

int
input_read(struct watch *watch, size_t limit, char **bytes, size_t *len)
{
	size_t room = 0;
	ssize_t n;
	int r;

	*bytes = NULL;
	*len = 0;
	for (;;) {
		/* One byte more than allowed tells that there is more. */
		if (*len == room) {
			r = grow(bytes, &room, limit + 1);
			if (r != 0)
				return r;
		}
		r = watch_wait(watch, STDIN_FILENO, POLLIN, WATCH_FOREVER);
		if (r != 0)
			return r;
		n = read(STDIN_FILENO, *bytes + *len, room - *len);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0)
			*len += (size_t)n;
		if (*len > limit)
			return INPUT_TOO_LONG;
	}
}
