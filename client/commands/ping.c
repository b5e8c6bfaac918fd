/*
 * ping: REVERSE_PING, again and again.
 *
 * All calls go over one connection.  Each has the deadline for itself, and the
 * wait between two calls has none.
 */
#include "client/commands/command.h"

#include "base/clock.h"
#include "client/driver/release.h"
#include "client/session/call.h"
#include "client/session/explain.h"
#include "client/terminal/json.h"

#include <inttypes.h>

struct ping_options {
	unsigned int count; /* 0: until interrupted */
	unsigned int interval_ms;
};

/* What came of the pings so far; times in microseconds. */
struct tally {
	uint64_t sent, answered;
	uint64_t least, most, sum;
};

static const struct ping_options defaults = {
	.count = 1,
	.interval_ms = 1000,
};

#define FIELD(kind_, name_) \
	.kind = &(kind_), .offset = offsetof(struct ping_options, name_)

static const struct option_row rows[] = {
	{ .name = "count",
	    .letter = 'c',
	    .argument = "N",
	    .help = "number of calls (default 1; 0: until Ctrl-C)",
	    FIELD(option_number, count),
	    .max = UINT32_MAX },
	{ .name = "interval",
	    .letter = 'i',
	    .argument = "SECONDS",
	    .help = "time between two calls (default 1)",
	    FIELD(option_seconds, interval_ms),
	    .max = 3600 * 1000 },
	{ .name = NULL },
};

static void
print_answer(const struct session *session, uint64_t number)
{
	uint64_t time = session->last.microseconds;
	char peer[ENDPOINT_TEXT_SIZE];
	struct json json = { .output = session->output };

	endpoint_text(&session->peer, peer);
	if (session->settings->json) {
		json_number(&json, "number", number);
		json_text(&json, "server", peer);
		json_number(&json, "microseconds", time);
		json_end(&json);
	} else {
		output_text(session->output,
		    "answer %" PRIu64 " from %s in %" PRIu64 ".%03u ms\n",
		    number, peer, time / 1000, (unsigned int)(time % 1000));
	}
}

static void
print_tally(const struct session *session, const struct tally *tally)
{
	uint64_t mean;

	if (tally->sent < 2 || session->settings->json)
		return;
	mean = tally->answered > 0 ? tally->sum / tally->answered : 0;
	output_text(session->output,
	    "%" PRIu64 " of %" PRIu64 " answered; least %" PRIu64
	    ".%03u, mean %" PRIu64 ".%03u, most %" PRIu64 ".%03u ms\n",
	    tally->answered, tally->sent, tally->least / 1000,
	    (unsigned int)(tally->least % 1000), mean / 1000,
	    (unsigned int)(mean % 1000), tally->most / 1000,
	    (unsigned int)(tally->most % 1000));
}

/* One call, and its place in the tally when it was answered. */
static int
ping_once(struct session *session, struct tally *tally)
{
	uint64_t time;
	int r;

	tally->sent++;
	r = call_server(session, &procedure_ping, NULL, NULL);
	if (r != EXIT_DONE)
		return r;
	time = session->last.microseconds;
	if (tally->answered == 0 || time < tally->least)
		tally->least = time;
	if (time > tally->most)
		tally->most = time;
	tally->sum += time;
	tally->answered++;
	print_answer(session, tally->sent);
	return EXIT_DONE;
}

static int
ping(struct session *session, const void *options, int count, char **operands)
{
	const struct ping_options *ping_options = options;
	struct tally tally = { 0 };
	int r;

	(void)count;
	(void)operands;
	for (;;) {
		r = ping_once(session, &tally);
		if (r == EXIT_DONE)
			r = release_all(session);
		if (r != EXIT_DONE || tally.sent == ping_options->count ||
		    output_failed(session->output))
			break;
		r = explain_wait(session,
		    release_wait(session, -1,
			clock_now_ms() + ping_options->interval_ms));
		if (r != EXIT_DONE || output_failed(session->output))
			break;
	}
	print_tally(session, &tally);
	return r;
}

static bool
interval_is_vain(const void *context)
{
	const struct command_choice *choice = context;
	const struct ping_options *options = choice->options;

	return options->count == 1;
}

static const struct option_rule rules[] = {
	{ "interval", interval_is_vain, "goes with a --count other than 1" },
	{ .name = NULL },
};

const struct command command_ping = {
	.name = "ping",
	.operands = "",
	.summary = "see whether the server answers, and how fast",
	.about = "Calls REVERSE_PING, which does nothing, and prints the time\n"
		 "until the answer came.  Ends with the first call that fails.",
	.rows = rows,
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.rules = rules,
	.uses = SETTINGS_CALL,
	.run = ping,
};
