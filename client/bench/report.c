#include "client/bench/report.h"

#include "client/session/status_name.h"
#include "client/terminal/json.h"

#include <inttypes.h>
#include <stdio.h>

/* Columns of the longest bar. */
enum { BAR = 48 };

static const struct {
	const char *name;
	const char *json_name;
	unsigned int thousandths;
} percentiles[] = {
	{ "p50", "p50", 500 },
	{ "p90", "p90", 900 },
	{ "p99", "p99", 990 },
	{ "p99.9", "p999", 999 },
	{ "max", "max", 1000 },
};

/* The next larger of 1, 2, 5, 10, ..., from a thousand on, where one is left
 * below 2^64. */
static uint64_t
larger(uint64_t bound)
{
	uint64_t first = bound;

	while (first >= 10)
		first /= 10;
	if (bound > UINT64_MAX / 5 * 2)
		return UINT64_MAX;
	return first == 2 ? bound / 2 * 5 : bound * 2;
}

size_t
report_rows(
    const struct histogram *histogram, struct report_row rows[REPORT_ROWS])
{
	uint64_t bound = 1000;
	struct histogram_bar bar;
	size_t at = 0, count = 0;

	while (histogram_next(histogram, &at, &bar)) {
		while (bar.value > bound) {
			bound = larger(bound);
			if (count > 0)
				rows[count++] = (struct report_row){ bound, 0 };
		}
		if (count == 0)
			rows[count++] = (struct report_row){ bound, 0 };
		rows[count - 1].count += bar.count;
	}
	return count;
}

/* Milliseconds. */
static const char *
time_text(uint64_t ns, char out[32])
{
	uint64_t us = (ns + 500) / 1000;

	snprintf(
	    out, 32, "%" PRIu64 ".%03u", us / 1000, (unsigned int)(us % 1000));
	return out;
}

static void
print_what(const struct bench_report *report)
{
	struct output *output = report->session->output;
	const struct bench_options *options = report->options;
	char where[ENDPOINT_TEXT_SIZE];

	output_text(output, "%s at %s\n", report->target->name,
	    endpoint_text(&report->session->peer, where));
	output_text(output, "connections  %u, with %u in flight on each\n",
	    options->connections, options->in_flight);
	if (options->rate > 0)
		output_text(output,
		    "planned      %u a second; latency from the planned "
		    "start\n",
		    options->rate);
}

static void
print_calls(const struct bench_report *report)
{
	struct output *output = report->session->output;
	const struct tally *tally = report->tally;
	uint64_t rate = tally_rate(tally);
	uint64_t ms = (tally->end_ns - tally->begin_ns) / 1000000;

	output_text(output, "calls        %" PRIu64 " in %" PRIu64 ".%03u s\n",
	    tally->calls, ms / 1000, (unsigned int)(ms % 1000));
	output_text(output,
	    "answered     %" PRIu64 ", %" PRIu64 ".%u a second\n",
	    tally->latency.count, rate / 1000,
	    (unsigned int)(rate % 1000 / 100));
	if (tally->unmade > 0)
		output_text(output,
		    "not made     %" PRIu64 " that were planned\n",
		    tally->unmade);
	if (tally->failures == 0)
		output_text(output, "failed       0\n");
	for (size_t i = 0; i < TALLY_STATUSES; i++)
		if (tally->failed[i] > 0)
			output_text(output, "failed       %" PRIu64 " %s\n",
			    tally->failed[i], status_name((status_code)i));
}

static void
print_latency(const struct bench_report *report)
{
	struct output *output = report->session->output;
	const struct histogram *latency = &report->tally->latency;
	char time[32];

	output_text(output, "latency, ms\n");
	for (size_t i = 0; i < ARRAY_LEN(percentiles); i++)
		output_text(output, "  %-9s%14s\n", percentiles[i].name,
		    time_text(histogram_percentile(
				  latency, percentiles[i].thousandths),
			time));
}

static void
print_bars(const struct bench_report *report)
{
	static const char bar[BAR + 1] =
	    "################################################";
	struct output *output = report->session->output;
	struct report_row rows[REPORT_ROWS];
	size_t count = report_rows(&report->tally->latency, rows);
	uint64_t most = 1;
	char time[32];

	for (size_t i = 0; i < count; i++)
		most = MAX_OF(most, rows[i].count);
	output_text(output, "up to, ms      calls\n");
	for (size_t i = 0; i < count; i++) {
		double part = (double)rows[i].count / (double)most;
		int len = (int)(part * BAR);

		/* None that there are is without a mark. */
		if (len == 0 && rows[i].count > 0)
			len = 1;
		output_text(output, "%9s %10" PRIu64 "%s%.*s\n",
		    time_text(rows[i].up_to_ns, time), rows[i].count,
		    len > 0 ? "  " : "", len, bar);
	}
}

static void
print_json(const struct bench_report *report)
{
	const struct tally *tally = report->tally;
	const struct bench_options *options = report->options;
	struct json json = { .output = report->session->output };
	char where[ENDPOINT_TEXT_SIZE], name[32];
	struct report_row rows[REPORT_ROWS];
	size_t count = report_rows(&tally->latency, rows);

	json_text(&json, "command", report->target->name);
	json_text(
	    &json, "server", endpoint_text(&report->session->peer, where));
	json_number(&json, "connections", options->connections);
	json_number(&json, "in_flight", options->in_flight);
	json_number(&json, "rate", options->rate);
	json_number(&json, "nanoseconds", tally->end_ns - tally->begin_ns);
	json_number(&json, "calls", tally->calls);
	json_number(&json, "answered", tally->latency.count);
	json_number(&json, "unmade", tally->unmade);
	json_open(&json, "failed");
	for (size_t i = 0; i < TALLY_STATUSES; i++)
		if (tally->failed[i] > 0)
			json_number(&json, status_name((status_code)i),
			    tally->failed[i]);
	json_close(&json);
	json_open(&json, "latency_ns");
	for (size_t i = 0; i < ARRAY_LEN(percentiles); i++)
		json_number(&json, percentiles[i].json_name,
		    histogram_percentile(
			&tally->latency, percentiles[i].thousandths));
	json_close(&json);
	json_open(&json, "up_to_ns");
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%" PRIu64, rows[i].up_to_ns);
		json_number(&json, name, rows[i].count);
	}
	json_close(&json);
	json_end(&json);
}

void
report_print(const struct bench_report *report)
{
	if (report->session->settings->json) {
		print_json(report);
		return;
	}
	print_what(report);
	print_calls(report);
	if (report->tally->latency.count > 0) {
		print_latency(report);
		print_bars(report);
	}
}
