/*
 * status: REVERSE_STATUS.
 *
 * The members of the JSON object are the fields of struct report, with the
 * state as a word.
 */
#include "client/commands/command.h"
#include "client/session/call.h"
#include "client/session/explain.h"
#include "client/terminal/json.h"

#include <inttypes.h>

/* NULL: there is no such state. */
static const char *
state_name(health state)
{
	switch (state) {
	case HEALTH_SERVING:
		return "serving";
	case HEALTH_DRAINING:
		return "draining";
	}
	return NULL;
}

static void
print_people(struct output *output, const report *counters)
{
	output_text(output, "state: %s\n", state_name(counters->state));
	output_text(output, "uptime: %" PRIu64 ".%03u s\n",
	    counters->uptime_ms / 1000,
	    (unsigned int)(counters->uptime_ms % 1000));
	output_text(output, "calls: %" PRIu64 "\n", counters->calls);
	output_text(output, "failures: %" PRIu64 "\n", counters->failures);
	output_text(
	    output, "received: %" PRIu64 " bytes\n", counters->bytes_in);
	output_text(output, "sent: %" PRIu64 " bytes\n", counters->bytes_out);
	output_text(output, "open streams: %u\n", counters->streams);
	output_text(output, "open connections: %u\n", counters->connections);
}

static void
print_json(struct output *output, const report *counters)
{
	struct json json = { .output = output };

	json_text(&json, "state", state_name(counters->state));
	json_number(&json, "uptime_ms", counters->uptime_ms);
	json_number(&json, "calls", counters->calls);
	json_number(&json, "failures", counters->failures);
	json_number(&json, "bytes_in", counters->bytes_in);
	json_number(&json, "bytes_out", counters->bytes_out);
	json_number(&json, "streams", counters->streams);
	json_number(&json, "connections", counters->connections);
	json_end(&json);
}

static int
status(struct session *session, const void *options, int count, char **operands)
{
	status_result result;
	const report *counters;
	int r = call_server(session, &procedure_status, NULL, &result);

	(void)options;
	(void)count;
	(void)operands;
	if (r != EXIT_DONE)
		return r;
	counters = &result.status_result_u.counters;
	if (state_name(counters->state) == NULL)
		r = explain_lie("there is no such state of a server");
	else if (session->settings->json)
		print_json(session->output, counters);
	else
		print_people(session->output, counters);
	procedure_free(&procedure_status, &result);
	return r;
}

const struct command command_status = {
	.name = "status",
	.operands = "",
	.summary = "print the server's health and counters",
	.about = "Calls REVERSE_STATUS.  The counters run since the server\n"
		 "started.",
	.uses = SETTINGS_CALL,
	.run = status,
};
