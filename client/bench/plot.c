#include "client/bench/plot.h"

#include "base/unnamed.h"
#include "client/session/status_name.h"
#include "client/terminal/say.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Runs gnuplot without its user's settings, with these descriptors as standard
 * input and output.  Signals end it, though this program looks after its own.
 * Returns 0 when it did its work, a positive errno when it was not even
 * started, or -1.
 */
static int
run_gnuplot(char *option, int in, int out)
{
	char name[] = "gnuplot", defaults[] = "-d";
	char *const argv[] = { name, defaults, option, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid;
	int r, status;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	r = posix_spawnp(&pid, name, &files, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	if (r != 0)
		return r;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status == 0 ? 0 : -1;
}

/* Whether it can be run at all. */
static int
check_gnuplot(void)
{
	char option[] = "--version";
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int r = null < 0 ? errno : run_gnuplot(option, null, null);

	if (null >= 0)
		close(null);
	if (r == 0)
		return EXIT_DONE;
	if (r == ENOENT)
		say_failure(status_name(STATUS_FAILED_PRECONDITION),
		    "--plot needs gnuplot, which is not installed: the "
		    "package gnuplot-nox");
	else
		say_failure(status_name(STATUS_FAILED_PRECONDITION),
		    "gnuplot cannot be run%s%s", r > 0 ? ": " : "",
		    r > 0 ? strerror(r) : "");
	return EXIT_FAILED;
}

int
plot_open(const char *name, int *fd)
{
	int r = check_gnuplot();

	if (r != EXIT_DONE)
		return r;
	*fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (*fd >= 0)
		return EXIT_DONE;
	say_failure(status_of_errno(errno), "cannot write %s: %s", name,
	    strerror(errno));
	return EXIT_FAILED;
}

/* What is the same in each picture.  Along the axis one in 1, 2, 10, 100, ...
 * calls takes as long. */
static const char head[] =
    "set terminal svg size 800,480 background rgb 'white'\n"
    "set logscale x\n"
    "set xrange [1:*]\n"
    "set yrange [0:*]\n"
    "set xtics ('0' 1, '50' 2, '90' 10, '99' 100, '99.9' 1000, \\\n"
    "    '99.99' 10000, '99.999' 100000, '99.9999' 1000000)\n"
    "set xlabel 'percentile of the calls'\n"
    "set ylabel 'latency, ms'\n"
    "set grid\n"
    "unset key\n";

/* A point: how many calls there are, how many take as long or longer, and how
 * long. */
static void
write_point(FILE *to, uint64_t all, uint64_t left, uint64_t ns)
{
	fprintf(to, "%" PRIu64 " %" PRIu64 " %" PRIu64 ".%06u\n", all, left,
	    ns / 1000000, (unsigned int)(ns % 1000000));
}

static void
write_script(const struct bench_report *report, FILE *to)
{
	const struct histogram *latency = &report->tally->latency;
	struct histogram_bar bar;
	uint64_t before = 0;
	size_t at = 0;

	fprintf(to,
	    "%sset title 'reverse bench %s: %" PRIu64 " calls, %u in flight "
	    "on each of %u connections'\n"
	    "plot '-' using ($1/$2):3 with steps linewidth 2\n",
	    head, report->target->name, latency->count,
	    report->options->in_flight, report->options->connections);
	while (histogram_next(latency, &at, &bar)) {
		write_point(
		    to, latency->count, latency->count - before, bar.value);
		before += bar.count;
	}
	write_point(to, latency->count, 1, latency->max);
	fprintf(to, "e\n");
}

/* In a file without a name: its descriptor, or a negative errno. */
static int
store(const char *text, size_t len)
{
	const char *folder = getenv("TMPDIR");
	int r, fd;

	if (folder == NULL || folder[0] == '\0')
		folder = "/tmp";
	fd = unnamed_make(folder, "reverse");
	if (fd < 0)
		return fd;
	r = unnamed_write(fd, text, len, 0);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

/* What gnuplot is to do, likewise. */
static int
make_script(const struct bench_report *report)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	int r = -ENOMEM;

	if (to == NULL)
		return r;
	write_script(report, to);
	if (fclose(to) == 0)
		r = store(text, len);
	free(text);
	return r;
}

int
plot_draw(const struct bench_report *report, int fd)
{
	int r, script = make_script(report);

	if (script < 0) {
		say_failure(status_of_errno(-script),
		    "cannot tell gnuplot what to draw: %s", strerror(-script));
		return EXIT_FAILED;
	}
	r = run_gnuplot(NULL, script, fd);
	close(script);
	if (r == 0)
		return EXIT_DONE;
	say_failure(status_name(STATUS_UNKNOWN), "gnuplot fails");
	return EXIT_FAILED;
}
