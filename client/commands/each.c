/*
 * each: an EACH stream, bidirectional: each line there, and back reversed, as
 * it comes.
 *
 * The end of a line stays here and is put after the answer.  A line that is
 * longer than a message interrupts the stream: what came before is answered,
 * the line goes through a WHOLE stream of its own, and another EACH stream
 * takes what follows.  So does one after a line that cannot be decoded, if it
 * is to be skipped.
 */
#include "client/commands/command.h"
#include "client/commands/each_print.h"
#include "client/driver/driver.h"
#include "client/driver/lines.h"
#include "client/driver/long_line.h"
#include "client/driver/pieces.h"
#include "client/driver/progress.h"
#include "client/driver/release.h"
#include "client/session/call.h"

#include <inttypes.h>
#include <stdio.h>

struct each_options {
	bool skip_bad;
};

static const struct each_options defaults = { .skip_bad = false };

static const struct option_row rows[] = {
	{ .name = "skip-bad",
	    .help = "go on after a line that cannot be decoded",
	    .kind = &option_flag,
	    .offset = offsetof(struct each_options, skip_bad) },
	{ .name = NULL },
};

static bool
skip_bad_is_vain(const void *context)
{
	const struct command_choice *choice = context;

	return choice->settings->unit == UNIT_BYTE ||
	    choice->settings->unit == UNIT_LINE;
}

static const struct option_rule rules[] = {
	{ "skip-bad", skip_bad_is_vain,
	    "the units byte and line take any bytes" },
	{ .name = NULL },
};

struct echoing {
	uint32_t message_max;
	struct lines lines;
	struct each_print print;
	struct progress progress;
	uint64_t received; /* of a long line */
	uint64_t base;     /* the line that is message 0 of the stream */
	uint64_t taken;    /* lines below this one have arrived, */
	uint64_t done;     /* and are answered */
	bool skips;        /* what cannot be decoded, */
	bool skipped;      /* which there was */
};

static int
refill_lines(void *context)
{
	struct echoing *echoing = context;

	if (lines_refill(&echoing->lines, echoing->taken) != 0)
		return -say_no_memory();
	return 0;
}

static int
messages_of(void *context, uint64_t number, message *out, u_int *count)
{
	struct echoing *echoing = context;
	int r =
	    lines_get_some(&echoing->lines, echoing->base + number, out, count);

	if (r != 0)
		return r;
	for (message *end = out + *count; out < end; out++)
		out->message_len -= (u_int)lines_end_len(out);
	return 0;
}

static void
progress(void *context, uint64_t taken, uint64_t done)
{
	struct echoing *echoing = context;

	echoing->taken = echoing->base + taken;
	progress_moved(&echoing->progress,
	    lines_position(&echoing->lines, echoing->taken),
	    lines_position(&echoing->lines, echoing->base + done));
	lines_release(&echoing->lines, echoing->base + done);
}

static void
print_answers(void *context, uint64_t number, const message *texts, u_int count)
{
	struct echoing *echoing = context;
	uint64_t line = echoing->base + number;

	echoing->done = line + count;
	each_print_lines(&echoing->print, line, texts, count);
}

static int
descriptor(const void *context)
{
	const struct echoing *echoing = context;

	return lines_descriptor(&echoing->lines, echoing->taken);
}

static void
say_place(const struct echoing *echoing, uint64_t line, uint64_t byte,
    char *text, size_t size)
{
	uint64_t in_file;
	const char *name = lines_place(&echoing->lines, line, &in_file);

	snprintf(text, size, "%s, line %" PRIu64 ", byte %" PRIu64, name,
	    in_file, byte);
}

static void
place(const void *context, const failure *why, char *text, size_t size)
{
	const struct echoing *echoing = context;

	say_place(
	    echoing, echoing->base + why->at_message, why->at_byte, text, size);
}

static const struct driver_ops each_ops = {
	.refill = refill_lines,
	.messages = messages_of,
	.progress = progress,
	.answers = print_answers,
	.descriptor = descriptor,
	.place = place,
};

/* Beside standard input and files, a long line is a text in pieces. */
static int
read_long(void *context, void *bytes, size_t room, size_t *len)
{
	struct echoing *echoing = context;

	return long_line_read(&echoing->lines, bytes, room, len);
}

static int
seek_long(void *context, uint64_t offset)
{
	struct echoing *echoing = context;

	return long_line_seek(&echoing->lines, offset);
}

static void
long_taken(void *context, uint64_t bytes)
{
	struct echoing *echoing = context;

	progress_moved(
	    &echoing->progress, echoing->lines.long_begin + bytes, 0);
}

static void
long_answer(void *context, uint64_t number, const message *text)
{
	struct echoing *echoing = context;

	(void)number;
	echoing->received += text->message_len;
	progress_moved(&echoing->progress, 0,
	    echoing->lines.long_begin + echoing->received);
	each_print_piece(&echoing->print, lines_next(&echoing->lines), text);
}

static void
long_place(const void *context, uint64_t byte, char *text, size_t size)
{
	const struct echoing *echoing = context;

	say_place(echoing, lines_next(&echoing->lines), byte, text, size);
}

static const struct pieces_ops long_ops = {
	.read = read_long,
	.seek = seek_long,
	.descriptor = descriptor,
	.taken = long_taken,
	.answer = long_answer,
	.place = long_place,
};

/* How a stream ended means that it was for one line, and it goes on. */
static bool
is_to_be_skipped(struct echoing *echoing, int r, const stream_end *how)
{
	if (r != EXIT_FAILED || !echoing->skips || !driver_is_undecodable(how))
		return false;
	echoing->skipped = true;
	return true;
}

static int
send_long(struct session *session, struct echoing *echoing)
{
	uint64_t line = lines_next(&echoing->lines);
	message end;
	stream_end how = { 0 };
	int r;

	echoing->received = 0;
	each_print_begin(&echoing->print);
	r = pieces_run(session, &long_ops, echoing, echoing->message_max, &how);

	if (is_to_be_skipped(echoing, r, &how)) {
		long_line_drop(&echoing->lines);
		return EXIT_DONE;
	}
	if (r != EXIT_DONE || output_failed(session->output))
		return r;
	long_line_end(&echoing->lines, &end);
	each_print_end(&echoing->print, line, &end);
	return EXIT_DONE;
}

static int
send_lines(struct session *session, struct echoing *echoing)
{
	struct client_stream_terms terms = { .method = METHOD_EACH };
	struct lines *lines = &echoing->lines;
	stream_end how = { 0 };
	int r;

	echoing->base = lines->first;
	echoing->taken = echoing->base;
	echoing->done = echoing->base;
	r = driver_run(session, &terms, &each_ops, echoing, &how);
	/* The line is the one that was to be answered next. */
	if (echoing->base + how.why.at_message != echoing->done ||
	    echoing->done >= lines_next(lines) ||
	    !is_to_be_skipped(echoing, r, &how))
		return r;
	lines_release(lines, echoing->done + 1);
	return EXIT_DONE;
}

static bool
has_more(const struct lines *lines)
{
	return lines->end == LINES_LONG || lines->end == LINES_MORE ||
	    lines->count > 0;
}

/* Stream after stream, until the lines are at their end. */
static int
echo_lines(struct session *session, struct echoing *echoing)
{
	struct lines *lines = &echoing->lines;
	int r = send_lines(session, echoing);

	while (r == EXIT_DONE && !output_failed(session->output) &&
	    has_more(lines)) {
		r = lines->end == LINES_LONG && lines->count == 0
		    ? send_long(session, echoing)
		    : send_lines(session, echoing);
		if (r == EXIT_DONE && lines_refill(lines, lines->first) != 0)
			r = say_no_memory();
	}
	if (r == EXIT_DONE)
		r = release_all(session);
	return r == EXIT_DONE &&
		(lines->end == LINES_FAILED || echoing->skipped)
	    ? EXIT_FAILED
	    : r;
}

static int
each(struct session *session, const void *options, int count, char **operands)
{
	const struct each_options *each_options = options;
	struct echoing echoing = {
		.skips = each_options->skip_bad,
	};
	int r;

	r = call_message_max(session, &echoing.message_max);
	if (r != EXIT_DONE)
		return r;
	if (lines_init(&echoing.lines, count, operands, echoing.message_max,
		false) != 0)
		return say_no_memory();
	each_print_init(&echoing.print, session->output, &echoing.lines,
	    session->settings->json);
	files_invite(&echoing.lines.files);
	r = progress_init(
		&echoing.progress, session, &echoing.lines.files, true) == 0
	    ? echo_lines(session, &echoing)
	    : say_no_memory();
	progress_deinit(&echoing.progress);
	each_print_deinit(&echoing.print);
	lines_deinit(&echoing.lines);
	return r;
}

const struct command command_each = {
	.name = "each",
	.operands = "[FILE...]",
	.summary = "print each line of files reversed, as it comes",
	.about =
	    "Opens an EACH stream, sends each line of the files without\n"
	    "its end (LF or CR LF), and prints each answer with that end\n"
	    "as soon as it comes.  A line longer than a message, which is\n"
	    "shorter over UDP, goes through a WHOLE stream of its own.\n"
	    "Stops at the first line that the server cannot decode, and\n"
	    "names it; all before it have been printed.  With --skip-bad\n"
	    "each such line is named and left out, and the exit code is 1\n"
	    "in the end.  Without files, or for -, standard input is read;\n"
	    "each is also what reverse does without a command.",
	.rows = rows,
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.rules = rules,
	.uses = SETTINGS_CALL | SETTINGS_TEXT | SETTINGS_FILES,
	.most = COMMAND_MANY,
	.run = each,
};
