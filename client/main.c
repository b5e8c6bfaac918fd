/*
 * reverse: the command line of the reverse service.
 *
 * It has six rooms, each of which includes only from those after it: commands,
 * one file each; bench, which makes many calls and measures them; driver, which
 * runs a stream; session, which finds the server and calls it; page, which
 * writes the calls for a browser; terminal, which reads and writes what people
 * see.
 */
#include "client/arguments.h"
#include "client/commands/help.h"
#include "client/driver/release.h"
#include "client/session/status_name.h"
#include "client/terminal/failures.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/*
 * A descriptor 0, 1 or 2 that is closed would be given to the next socket, and
 * what is meant for people would go to the server.  In its place stands one
 * that cannot be used that way either, so that reading and writing fail.
 */
static void
occupy_standard_streams(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDWR };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			open("/dev/null", modes[fd]);
}

/* Returns the exit code of a page that could not be made or written, unless it
 * could: error is 0 then. */
static int
page_exit(const struct settings *settings, int error)
{
	if (error == 0)
		return EXIT_DONE;
	say_failure(status_of_errno(-error), "cannot write %s: %s",
	    settings->trace_html, strerror(-error));
	return EXIT_FAILED;
}

/* Runs the command with its page, if it is to have one. */
static int
run_command(struct arguments *arguments, struct session *session)
{
	const struct settings *settings = &arguments->settings;
	struct page **page = &session->tracer.page;
	int r = EXIT_DONE, written;

	if (settings->trace_html != NULL)
		r = page_exit(settings, page_new(page, settings->trace_html));
	if (r == EXIT_DONE)
		r = arguments->command->run(session, arguments->options,
		    arguments->count, arguments->operands);
	if (r == EXIT_DONE)
		r = release_all(session);
	written = page_exit(settings, page_end(*page, r));
	return r != EXIT_DONE ? r : written;
}

/* Does what the command line asks for; returns an exit code.  *killed becomes
 * the number of the signal that ended it, if one did. */
static int
run(struct arguments *arguments, struct output *output, int *killed)
{
	const struct command *command = arguments->command;
	struct session session;
	int r;

	if (arguments->settings.release) {
		output_text(output, "reverse %s\n", REVERSE_VERSION);
		return EXIT_DONE;
	}
	if (arguments->settings.help) {
		if (command != NULL)
			help_command(output, command);
		else
			help_program(output);
		return EXIT_DONE;
	}
	r = session_start(&session, &arguments->settings, output);
	if (r != EXIT_DONE)
		return r;
	r = run_command(arguments, &session);
	*killed = session.killed;
	session_end(&session);
	return r;
}

/* Whoever started this program sees that it was interrupted: a shell ends a
 * loop then.  Returns, with the exit code that a shell would show, where no
 * signal ends it: to the first process of a namespace nothing happens. */
static int
die_by(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	signal(number, SIG_DFL);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 128 + number;
}

int
main(int argc, char **argv)
{
	struct arguments arguments;
	struct output output;
	struct failures failures = { &output, &arguments.settings.json };
	int r, written, killed = 0;

	occupy_standard_streams();
	/* A lost connection is an error of the call, not the end of us, and so
	 * is a file that may not become longer. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (output_init(&output, STDOUT_FILENO) != 0)
		return say_no_memory();
	failures_print(&failures);
	r = arguments_read(&arguments, argc, argv);
	if (r == EXIT_DONE) {
		say_at(arguments.settings.verbosity);
		r = run(&arguments, &output, &killed);
	}
	arguments_release(&arguments);
	/* After a failure, or an interrupt, nobody is waited for. */
	written = output_finish(&output, r == EXIT_DONE && killed == 0);
	/* Also where it came too late to end what was done. */
	if (killed != 0)
		return die_by(killed);
	return r != EXIT_DONE ? r : written;
}
