/*
 * whole: a WHOLE stream for each file, bidirectional: a text of any length
 * there in pieces, and back in pieces.
 */
#include "client/commands/command.h"
#include "client/driver/files.h"
#include "client/driver/pieces.h"
#include "client/driver/progress.h"
#include "client/session/call.h"
#include "client/terminal/json.h"

#include <inttypes.h>
#include <stdio.h>

struct whole_options {
	bool keep;
};

static const struct whole_options defaults = { .keep = true };

static const struct option_row rows[] = {
	{ .name = "keep",
	    .help = "do not keep what was sent in a file, to send it again",
	    .kind = &option_flag,
	    .offset = offsetof(struct whole_options, keep),
	    .flags = OPTION_NO },
	{ .name = NULL },
};

struct turning {
	const struct session *session;
	struct files files;
	struct progress progress;
	uint64_t sent;      /* of all files, before this one */
	uint64_t received;  /* of all files, */
	uint64_t pieces;    /* of the answer, so far; with --json, */
	struct buffer held; /* and what of them is to be printed yet */
};

static int
read_file(void *context, void *bytes, size_t room, size_t *len)
{
	struct turning *turning = context;

	return files_read(&turning->files, bytes, room, len);
}

static int
seek_file(void *context, uint64_t offset)
{
	struct turning *turning = context;

	return files_seek(&turning->files, offset);
}

static void
taken(void *context, uint64_t bytes)
{
	struct turning *turning = context;

	progress_moved(
	    &turning->progress, turning->sent + bytes, turning->received);
}

static struct json
begin_piece(struct turning *turning)
{
	struct json json = { .output = turning->session->output };

	json_text(&json, "file", turning->files.name);
	json_number(&json, "piece", turning->pieces++);
	return json;
}

static void
print_answer(void *context, uint64_t number, const message *text)
{
	struct turning *turning = context;
	struct json json;

	(void)number;
	turning->received += text->message_len;
	progress_moved(&turning->progress, 0, turning->received);
	if (!turning->session->settings->json) {
		output_bytes(turning->session->output, text->message_val,
		    text->message_len);
		return;
	}
	json = begin_piece(turning);
	json_piece(&json, "text", &turning->held, text->message_val,
	    text->message_len);
	json_end(&json);
}

/* What the last piece left, which is no text. */
static void
print_rest(struct turning *turning)
{
	struct buffer *held = &turning->held;
	struct json json;

	if (buffer_len(held) > 0) {
		json = begin_piece(turning);
		json_bytes(&json, "text", buffer_head(held), buffer_len(held));
		json_end(&json);
	}
	buffer_truncate(held, 0);
	turning->pieces = 0;
}

/* Whatever became of the file. */
static void
end_file(struct turning *turning)
{
	const struct progress_mark *now = &turning->progress.now;

	print_rest(turning);
	turning->sent = MAX_OF(now->sent, now->received);
	turning->received = turning->sent;
}

static int
descriptor(const void *context)
{
	const struct turning *turning = context;

	return turning->files.fd;
}

static void
place(const void *context, uint64_t byte, char *text, size_t size)
{
	const struct turning *turning = context;

	snprintf(text, size, "%s, byte %" PRIu64, turning->files.name, byte);
}

static const struct pieces_ops ops = {
	.read = read_file,
	.seek = seek_file,
	.descriptor = descriptor,
	.taken = taken,
	.answer = print_answer,
	.place = place,
};

/*
 * A file that cannot be read, or is not text, keeps nobody from the next one;
 * anything else would go wrong there as well.
 */
static int
turn_files(struct session *session, struct turning *turning, uint32_t max)
{
	int r, worst = EXIT_DONE;

	while ((r = files_next(&turning->files)) != FILES_END &&
	    !output_failed(session->output)) {
		r = r == 0 ? pieces_run(session, &ops, turning, max, NULL)
			   : EXIT_FAILED;
		end_file(turning);
		if (r != EXIT_DONE)
			worst = r;
		if (r != EXIT_DONE && r != EXIT_FAILED)
			break;
	}
	return worst;
}

static int
whole(struct session *session, const void *options, int count, char **operands)
{
	const struct whole_options *whole_options = options;
	struct turning turning = { .session = session };
	uint32_t message_max;
	int r;

	r = call_message_max(session, &message_max);
	if (r != EXIT_DONE)
		return r;
	files_init(&turning.files, count, operands);
	turning.files.keep = whole_options->keep;
	files_invite(&turning.files);
	buffer_init(&turning.held, SIZE_MAX);
	r = progress_init(&turning.progress, session, &turning.files, true) == 0
	    ? turn_files(session, &turning, message_max)
	    : say_no_memory();
	progress_deinit(&turning.progress);
	files_deinit(&turning.files);
	buffer_deinit(&turning.held);
	return r;
}

const struct command command_whole = {
	.name = "whole",
	.operands = "[FILE...]",
	.summary = "print files of any size reversed, each as a whole",
	.about = "Opens a WHOLE stream for each file, and prints the file\n"
		 "reversed.  The server keeps what is long on its disk until\n"
		 "all of it has come.  What comes by a pipe is kept here too,\n"
		 "in a file without a name, to be sent again should a server\n"
		 "be lost.  Without files, or for -, standard input is read.",
	.rows = rows,
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.uses = SETTINGS_CALL | SETTINGS_TEXT | SETTINGS_FILES,
	.most = COMMAND_MANY,
	.run = whole,
};
