/*
 * collect: a COLLECT stream, client streaming: many lines there, one text back.
 *
 * A message is a line with its end, so what comes back is the whole input
 * turned round.  There can be no more of it than fits one message, so all of
 * it is kept, unless that is not wanted, to be sent again should the server
 * lose the stream.
 */
#include "client/commands/command.h"
#include "client/driver/driver.h"
#include "client/driver/lines.h"
#include "client/driver/progress.h"
#include "client/session/call.h"
#include "client/terminal/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct collect_options {
	bool keep;
};

static const struct collect_options defaults = { .keep = true };

static const struct option_row rows[] = {
	{ .name = "keep",
	    .help = "do not keep what was sent, to send it again",
	    .kind = &option_flag,
	    .offset = offsetof(struct collect_options, keep),
	    .flags = OPTION_NO },
	{ .name = NULL },
};

struct collecting {
	struct lines lines;
	struct progress progress;
	bool keep; /* what was taken */
	uint64_t taken;
	uint64_t taken_bytes;
	char *text; /* the answer, once it is there */
	size_t len;
};

static int
refill(void *context)
{
	struct collecting *collecting = context;

	if (lines_refill(&collecting->lines, collecting->taken) != 0)
		return -say_no_memory();
	return collecting->lines.end == LINES_FAILED ? -EIO : 0;
}

static int
messages_of(void *context, uint64_t number, message *out, u_int *count)
{
	struct collecting *collecting = context;

	return lines_get_some(&collecting->lines, number, out, count);
}

/* What is longer than the server takes need not be kept to be sent again. */
static void
progress(void *context, uint64_t taken, uint64_t done)
{
	struct collecting *collecting = context;
	message line;

	(void)done;
	for (; collecting->taken < taken; collecting->taken++)
		if (lines_get(&collecting->lines, collecting->taken, &line) ==
		    0)
			collecting->taken_bytes += line.message_len;
	progress_moved(&collecting->progress,
	    lines_position(&collecting->lines, collecting->taken), 0);
	if (!collecting->keep || collecting->taken_bytes > MESSAGE_MAX)
		lines_release(&collecting->lines, taken);
}

/* Kept until the end is known, which brings the counts. */
static void
keep_answer(void *context, uint64_t number, const message *texts, u_int count)
{
	struct collecting *collecting = context;
	const message *text = &texts[count - 1];

	(void)number;
	free(collecting->text);
	collecting->text = malloc(text->message_len + 1);
	if (collecting->text == NULL)
		return;
	if (text->message_len > 0)
		memcpy(collecting->text, text->message_val, text->message_len);
	collecting->len = text->message_len;
}

static int
descriptor(const void *context)
{
	const struct collecting *collecting = context;

	return lines_descriptor(&collecting->lines, collecting->taken);
}

/* A line that was cut is several messages, of which the last alone ends it. */
static void
place(const void *context, const failure *why, char *text, size_t size)
{
	const struct collecting *collecting = context;
	const struct lines *lines = &collecting->lines;
	uint64_t in_file, line = 1, byte = 0;
	const char *name = lines_place(lines, why->at_message, &in_file);
	message m;

	for (uint64_t back = in_file - 1; back > 0; back--) {
		if (lines_get(lines, why->at_message - back, &m) != 0 ||
		    lines_end_len(&m) > 0) {
			line++;
			byte = 0;
		} else {
			byte += m.message_len;
		}
	}
	snprintf(text, size, "%s, line %" PRIu64 ", byte %" PRIu64, name, line,
	    byte + why->at_byte);
}

static const struct driver_ops ops = {
	.refill = refill,
	.messages = messages_of,
	.progress = progress,
	.answers = keep_answer,
	.descriptor = descriptor,
	.place = place,
};

static void
print(const struct session *session, const struct collecting *collecting,
    const stream_end *how)
{
	struct json json = { .output = session->output };

	if (!session->settings->json) {
		output_bytes(
		    session->output, collecting->text, collecting->len);
		return;
	}
	json_bytes(&json, "text", collecting->text, collecting->len);
	json_text(&json, "unit", settings_unit_name(session->settings->unit));
	json_number(&json, "messages", how->messages_in);
	json_number(&json, "bytes", how->bytes_in);
	json_end(&json);
}

static int
collect_lines(struct session *session, struct collecting *collecting)
{
	struct client_stream_terms terms = { .method = METHOD_COLLECT };
	stream_end how = { 0 };
	int r = driver_run(session, &terms, &ops, collecting, &how);

	if (r != EXIT_DONE || output_failed(session->output))
		return r;
	if (collecting->text == NULL)
		return say_no_memory();
	print(session, collecting, &how);
	return EXIT_DONE;
}

static int
collect(
    struct session *session, const void *options, int count, char **operands)
{
	const struct collect_options *collect_options = options;
	struct collecting collecting = { .keep = collect_options->keep };
	uint32_t message_max;
	int r;

	r = call_message_max(session, &message_max);
	if (r != EXIT_DONE)
		return r;
	if (lines_init(&collecting.lines, count, operands, message_max, true) !=
	    0)
		return say_no_memory();
	files_invite(&collecting.lines.files);
	r = progress_init(&collecting.progress, session,
		&collecting.lines.files, false) == 0
	    ? collect_lines(session, &collecting)
	    : say_no_memory();
	progress_deinit(&collecting.progress);
	lines_deinit(&collecting.lines);
	free(collecting.text);
	return r;
}

const struct command command_collect = {
	.name = "collect",
	.operands = "[FILE...]",
	.summary = "send lines, and print all of them reversed as one text",
	.about =
	    "Opens a COLLECT stream, sends each line of the files as a\n"
	    "message, and prints the one answer: all of them joined and\n"
	    "reversed.  Together they may be as long as one message; whole\n"
	    "takes more.  What was sent is kept in memory, to be sent again\n"
	    "should a server be lost.  Without files, or for -, standard\n"
	    "input is read.",
	.rows = rows,
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.uses = SETTINGS_CALL | SETTINGS_TEXT | SETTINGS_FILES,
	.most = COMMAND_MANY,
	.run = collect,
};
