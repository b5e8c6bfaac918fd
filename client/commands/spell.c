/*
 * spell: a SPELL stream, server streaming: one text there, its units back.
 */
#include "client/commands/command.h"
#include "client/driver/driver.h"
#include "client/terminal/json.h"

#include <string.h>

struct spell_options {
	unsigned int pace_ms;
};

static const struct spell_options defaults = { .pace_ms = 0 };

static const struct option_row rows[] = {
	{ .name = "pace",
	    .argument = "SECONDS",
	    .help = "time between two units (default 0)",
	    .kind = &option_seconds,
	    .offset = offsetof(struct spell_options, pace_ms),
	    .max = 3600000 },
	{ .name = NULL },
};

struct spelling {
	const struct session *session;
	message text;
};

static int
the_text(void *context, uint64_t number, message *out, u_int *count)
{
	const struct spelling *spelling = context;

	*out = spelling->text;
	*count = 1;
	return number == 0 ? 0 : CLIENT_SOURCE_END;
}

/* On a line of its own; a unit that ends a line is one already. */
static void
print_unit(
    const struct spelling *spelling, uint64_t number, const message *text)
{
	struct json json = { .output = spelling->session->output };

	if (spelling->session->settings->json) {
		json_number(&json, "number", number);
		json_bytes(&json, "text", text->message_val, text->message_len);
		json_end(&json);
		return;
	}
	output_line(
	    spelling->session->output, text->message_val, text->message_len);
}

static void
print_answers(void *context, uint64_t number, const message *texts, u_int count)
{
	for (u_int i = 0; i < count; i++)
		print_unit(context, number + i, &texts[i]);
}

static const struct driver_ops ops = {
	.messages = the_text,
	.answers = print_answers,
};

static int
spell(struct session *session, const void *options, int count, char **operands)
{
	const struct spell_options *spell_options = options;
	struct spelling spelling = { .session = session };
	struct client_stream_terms terms = {
		.method = METHOD_SPELL,
		.pace_ms = spell_options->pace_ms,
	};

	(void)count;
	spelling.text.message_val = operands[0];
	spelling.text.message_len = (u_int)strlen(operands[0]);
	return driver_run(session, &terms, &ops, &spelling, NULL);
}

const struct command command_spell = {
	.name = "spell",
	.operands = "TEXT",
	.summary = "print a text unit by unit, the last one first",
	.about = "Opens a SPELL stream with the text, and prints each unit on\n"
		 "a line as the server sends it.",
	.rows = rows,
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.uses = SETTINGS_CALL | SETTINGS_TEXT,
	.least = 1,
	.most = 1,
	.run = spell,
};
