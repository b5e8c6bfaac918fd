/*
 * input: one buffer, which doubles as input comes.
 */
#include "client/terminal/input.h"

#include "base/base.h"
#include "client/terminal/say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Room that input begins with. */
#define INPUT_ROOM 4096

void
input_init(struct input *input, size_t limit)
{
	memset(input, 0, sizeof(*input));
	input->limit = limit;
}

void
input_deinit(struct input *input)
{
	free(input->bytes);
	input->bytes = NULL;
}

/* One byte more than allowed tells that there is more. */
static int
grow(struct input *input)
{
	size_t more = input->room > 0
	    ? MIN_OF(input->room * 2, input->limit + 1)
	    : INPUT_ROOM;
	char *grown = realloc(input->bytes, more);

	if (grown == NULL)
		return -ENOMEM;
	input->bytes = grown;
	input->room = more;
	return 0;
}

int
input_read(struct input *input)
{
	ssize_t n;

	if (input->len == input->room && grow(input) != 0)
		return -ENOMEM;
	n = read(
	    STDIN_FILENO, input->bytes + input->len, input->room - input->len);
	if (n == 0)
		return INPUT_END;
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	input->len += (size_t)n;
	return input->len > input->limit ? INPUT_TOO_LONG : 0;
}

void
input_invite(void)
{
	if (isatty(STDIN_FILENO))
		say_note("reading the text from the terminal; Ctrl-D at the "
			 "start of a line ends it");
}
