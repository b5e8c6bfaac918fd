#include "client/driver/release.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

int
release_some(struct session *session, uint64_t milliseconds)
{
	struct output *output = session->output;
	int r = 0;

	output_write(output);
	while (r == 0 && output_pending(output)) {
		r = watch_wait(&session->watch, output_descriptor(output),
		    POLLOUT, milliseconds);
		if (r == 0)
			output_write(output);
	}
	return r;
}

int
release_all(struct session *session)
{
	int r = release_some(session, WATCH_FOREVER);

	if (r == 0)
		return EXIT_DONE;
	if (r == -EINTR)
		return EXIT_INTERRUPTED;
	say_error("cannot write: %s", strerror(-r));
	return EXIT_FAILED;
}
