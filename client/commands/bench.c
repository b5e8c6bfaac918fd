/*
 * bench: many calls of one command, and how long they take.
 *
 * What was measured is printed also where it ended early.
 */
#include "client/bench/bench.h"

#include "client/bench/plot.h"
#include "client/bench/report.h"
#include "client/commands/command.h"
#include "client/session/status_name.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct bench_options defaults = {
	.connections = 1,
	.in_flight = 1,
	.size = BENCH_NO_SIZE,
};

#define FIELD(kind_, name_) \
	.kind = &(kind_), .offset = offsetof(struct bench_options, name_)

static const struct option_row rows[] = {
	{ .name = "connections",
	    .letter = 'c',
	    .argument = "N",
	    .help = "connections to the server (default 1)",
	    FIELD(option_number, connections),
	    .min = 1,
	    .max = BENCH_CONNECTIONS_MAX },
	{ .name = "in-flight",
	    .letter = 'f',
	    .argument = "N",
	    .help = "calls in flight on each of them (default 1)",
	    FIELD(option_number, in_flight),
	    .min = 1,
	    .max = BENCH_IN_FLIGHT_MAX },
	{ .name = "size",
	    .argument = "SIZE",
	    .help = "bytes of a message of send (default 64)",
	    FIELD(option_size, size),
	    .max = MESSAGE_MAX },
	{ .name = "messages",
	    .argument = "FILE",
	    .help = "what send sends: each line a message, in turn",
	    FIELD(option_string, messages) },
	{ .name = "count",
	    .argument = "N",
	    .help = "how many calls to make",
	    FIELD(option_number, count),
	    .min = 1,
	    .max = UINT32_MAX },
	{ .name = "duration",
	    .argument = "SECONDS",
	    .help = "how long to make calls (default 10; if their number\n"
		    "is given, as long as they take)",
	    FIELD(option_seconds, duration_ms),
	    .min = 1,
	    .max = 24u * 60 * 60 * 1000 },
	{ .name = "warm-up",
	    .argument = "SECONDS",
	    .help = "make calls before that, which do not count (default 0)",
	    FIELD(option_seconds, warm_up_ms),
	    .max = 60u * 60 * 1000 },
	{ .name = "rate",
	    .argument = "N",
	    .help = "begin N calls a second, whatever becomes of those\n"
		    "before, and measure from when they were to begin\n"
		    "(default: begin one when another is answered)",
	    FIELD(option_number, rate),
	    .min = 1,
	    .max = BENCH_RATE_MAX },
	{ .name = "plot",
	    .argument = "FILE",
	    .help = "draw the latencies as SVG, by gnuplot",
	    FIELD(option_string, plot) },
	{ .name = NULL },
};

static const struct bench_target *
find_target(const char *name)
{
	const struct bench_target *target = bench_targets;

	while (target->name != NULL && strcmp(target->name, name) != 0)
		target++;
	if (target->name != NULL)
		return target;
	say_failure(status_name(STATUS_INVALID_ARGUMENT),
	    "bench cannot call %.100s: reverse help bench lists what it "
	    "can",
	    name);
	return NULL;
}

/* False: there are none, but an option says which. */
static bool
texts_are_sent(const struct bench_report *report)
{
	if (report->target->procedure == &procedure_text ||
	    (report->options->size == BENCH_NO_SIZE &&
		report->options->messages == NULL))
		return true;
	say_failure(status_name(STATUS_INVALID_ARGUMENT),
	    "--%s: has no meaning for bench %s",
	    report->options->messages != NULL ? "messages" : "size",
	    report->target->name);
	return false;
}

/* Makes the calls, and tells what came of them. */
static int
run(struct bench_report *report, struct session *session, struct tally *tally,
    int fd)
{
	int drawn = EXIT_DONE;
	int r = bench_run(session, report->options, report->target, tally);

	if (tally->calls + tally->unmade == 0)
		return r;
	report_print(report);
	if (fd >= 0 && tally->latency.count > 0)
		drawn = plot_draw(report, fd);
	return r == EXIT_DONE ? drawn : r;
}

static int
bench(struct session *session, const void *options, int count, char **operands)
{
	struct bench_report report = {
		.session = session,
		.options = options,
		.target = find_target(count > 0 ? operands[0] : "send"),
	};
	struct tally *tally;
	int fd = -1, r = EXIT_DONE;

	if (report.target == NULL || !texts_are_sent(&report))
		return EXIT_USAGE;
	if (report.options->plot != NULL)
		r = plot_open(report.options->plot, &fd);
	if (r != EXIT_DONE)
		return r;
	tally = calloc(1, sizeof(*tally));
	report.tally = tally;
	r = tally != NULL ? run(&report, session, tally, fd) : say_no_memory();
	free(tally);
	if (fd >= 0)
		close(fd);
	return r;
}

static bool
size_is_vain(const void *context)
{
	const struct command_choice *choice = context;

	return ((const struct bench_options *)choice->options)->messages !=
	    NULL;
}

static bool
in_flight_is_too_much(const void *context)
{
	const struct command_choice *choice = context;
	const struct bench_options *options = choice->options;

	return options->connections * options->in_flight > BENCH_CALLS_MAX;
}

static const struct option_rule rules[] = {
	{ "size", size_is_vain, "not with --messages, which have their own" },
	{ "in-flight", in_flight_is_too_much,
	    "at most 65536 calls on all connections together" },
	{ .name = NULL },
};

const struct command command_bench = {
	.name = "bench",
	.operands = "[COMMAND]",
	.summary = "measure how fast calls are answered",
	.about =
	    "Makes the call of a command again and again: of send, if none is\n"
	    "named, ping, greet, status, describe or whoami.  Checks each\n"
	    "answer, and prints how many came in a second, the percentiles\n"
	    "of their latency, and how many calls failed, by status; also\n"
	    "when it is interrupted.  --size and --messages are for send, and\n"
	    "--deadline is for each call.  Exits with 1 if a call failed.",
	.rows = rows,
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.rules = rules,
	.uses = SETTINGS_CALL | SETTINGS_TEXT,
	.most = 1,
	.run = bench,
};
