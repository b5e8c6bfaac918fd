/*
 * reversed - serves the reversal of text over ONC RPC
 */
#include "base/log.h"
#include "server/daemon.h"
#include "server/rules.h"
#include "server/settings.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

/* A descriptor opened later must never become somebody's standard output. */
static void
open_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* Output that was lost, on a full disk say, is a failure. */
static int
flush_stdout(void)
{
	return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_DONE : EXIT_FAILED;
}

static int
act(const struct settings *settings)
{
	switch ((enum settings_action)settings->action) {
	case SETTINGS_SHOW_HELP:
		settings_show_help(settings);
		return flush_stdout();
	case SETTINGS_SHOW_VERSION:
		printf("reversed %s\n", REVERSE_VERSION);
		return flush_stdout();
	case SETTINGS_CHECK:
		settings_show_effective(settings);
		return flush_stdout();
	case SETTINGS_RUN:
		break;
	}
	log_set_level((enum log_level)settings->log_level);
	return daemon_run(settings);
}

int
main(int argc, char **argv)
{
	struct settings settings;
	struct option_error error;
	int status;
	int r;

	open_standard_descriptors();
	r = settings_read(&settings, argc, argv, &error);
	if (r == 0)
		r = rules_check(&settings, &error);
	if (r == 0) {
		status = act(&settings);
	} else {
		fprintf(stderr, "reversed: %s\n", error.text);
		fprintf(stderr, "Try 'reversed --help'.\n");
		status = r == OPTION_WRONG ? EXIT_USAGE : EXIT_FAILED;
	}
	settings_free(&settings);
	return status;
}
