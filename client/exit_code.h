/*
 * How the command line ends.  The manual, reverse(1), lists these.
 */
#ifndef CLIENT_EXIT_CODE_H
#define CLIENT_EXIT_CODE_H

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* the server said no, or input or output failed */
	EXIT_USAGE = 2,
	EXIT_UNREACHABLE = 3, /* no server, or it went away */
	EXIT_DEADLINE = 4,
	EXIT_INTERRUPTED = 130 /* then main dies by the signal, and a shell has
				  128 and its number */
};

#endif
