#include "client/driver/input_all.h"

#include "client/driver/release.h"
#include "client/session/explain.h"
#include "client/session/status_name.h"

#include <string.h>
#include <unistd.h>

int
input_all(struct session *session, struct input *input, const char *what)
{
	int r, code;

	input_invite();
	do {
		code = explain_wait(session,
		    release_wait(session, STDIN_FILENO, SESSION_FOREVER));
		if (code != EXIT_DONE || output_failed(session->output))
			return code;
		r = input_read(input);
	} while (r == 0);
	if (r == INPUT_END)
		return EXIT_DONE;
	if (r == INPUT_TOO_LONG) {
		say_failure(status_name(STATUS_INVALID_ARGUMENT),
		    "standard input is longer than %s may be: %zu bytes", what,
		    input->limit);
		return EXIT_USAGE;
	}
	say_failure(status_of_errno(-r), "cannot read standard input: %s",
	    strerror(-r));
	return EXIT_FAILED;
}
