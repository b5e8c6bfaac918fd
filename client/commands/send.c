/*
 * send: REVERSE_TEXT, one message there and back.
 *
 * Where the text comes from decides how the answer is printed: what a pipe
 * brings is data and goes on as it is, what was typed as arguments is a line.
 */
#include "client/commands/command.h"
#include "client/driver/input_all.h"
#include "client/session/call.h"
#include "client/session/explain.h"
#include "client/session/status_name.h"
#include "client/terminal/json.h"

#include <stdlib.h>
#include <string.h>

/* The operands with a space between each two; *text is to be freed. */
static int
join(int count, char **operands, char **text, size_t *len)
{
	size_t size = 0;
	char *at;

	for (int i = 0; i < count; i++)
		size += strlen(operands[i]) + 1;
	*len = size - 1;
	if (*len > MESSAGE_MAX) {
		say_failure(status_name(STATUS_INVALID_ARGUMENT),
		    "the text is longer than a message may be: %d bytes",
		    MESSAGE_MAX);
		return EXIT_USAGE;
	}
	*text = malloc(size);
	if (*text == NULL)
		return say_no_memory();
	at = *text;
	for (int i = 0; i < count; i++) {
		if (i > 0)
			*at++ = ' ';
		at = stpcpy(at, operands[i]);
	}
	return EXIT_DONE;
}

/*
 * Standard input comes back as it is, byte for byte.  A text from the command
 * line has no end of line, so the terminal gets one.
 */
static void
print(const struct session *session, const message *text, bool end_line)
{
	struct json json = { .output = session->output };

	if (session->settings->json) {
		json_bytes(&json, "text", text->message_val, text->message_len);
		json_text(
		    &json, "unit", settings_unit_name(session->settings->unit));
		json_end(&json);
		return;
	}
	if (end_line)
		output_line(
		    session->output, text->message_val, text->message_len);
	else
		output_bytes(
		    session->output, text->message_val, text->message_len);
}

static int
turn_text(struct session *session, char *text, size_t len, bool end_line)
{
	reverse_args args = { .unit = session->settings->unit };
	reverse_result result;
	const message *answer;
	int r;

	args.text.message_val = text;
	args.text.message_len = (u_int)len;
	r = call_server(session, &procedure_text, &args, &result);
	if (r != EXIT_DONE)
		return r;
	answer = &result.reverse_result_u.outcome.text;
	if (answer->message_len == len)
		print(session, answer, end_line);
	else
		r = explain_lie("a text of another length comes back");
	procedure_free(&procedure_text, &result);
	return r;
}

static int
turn_input(struct session *session)
{
	struct input input;
	int r;

	input_init(&input, MESSAGE_MAX);
	r = input_all(session, &input, "a message");
	if (r == EXIT_DONE && !output_failed(session->output))
		r = turn_text(session, input.bytes, input.len, false);
	input_deinit(&input);
	return r;
}

static int
turn_operands(struct session *session, int count, char **operands)
{
	char *text;
	size_t len;
	int r = join(count, operands, &text, &len);

	if (r != EXIT_DONE)
		return r;
	r = turn_text(session, text, len, true);
	free(text);
	return r;
}

static int
send_text(
    struct session *session, const void *options, int count, char **operands)
{
	(void)options;
	if (count == 0 || (count == 1 && strcmp(operands[0], "-") == 0))
		return turn_input(session);
	return turn_operands(session, count, operands);
}

const struct command command_send = {
	.name = "send",
	.operands = "[TEXT...]",
	.summary = "send a text and print it reversed",
	.about =
	    "Calls REVERSE_TEXT with the arguments joined by a space, or\n"
	    "with all of standard input when there are none or the only\n"
	    "one is -.  What came from standard input is printed byte for\n"
	    "byte; after a text from the arguments the line is ended.\n"
	    "A text that starts with - goes after --.",
	.uses = SETTINGS_CALL | SETTINGS_TEXT,
	.most = COMMAND_MANY,
	.run = send_text,
};
