/*
 * describe: REVERSE_DESCRIBE.
 *
 * The text goes out byte for byte, since it is a file for rpcgen; but to a
 * terminal, which would obey what a server put into it.
 */
#include "client/commands/command.h"

#include "base/printable.h"
#include "client/session/call.h"
#include "client/terminal/json.h"

#include <stdlib.h>
#include <string.h>

/* How far it is to a newline or a tab, which a text has. */
static size_t
span(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] != '\n' && text[n] != '\t')
		n++;
	return n;
}

static int
print_for_people(struct output *output, const char *text, size_t len)
{
	/* Every byte may be escaped. */
	size_t size = PRINTABLE_ESCAPE * len + 1, n;
	char *safe = malloc(size);

	if (safe == NULL)
		return say_no_memory();
	while (len > 0) {
		n = span(text, len);
		printable(safe, size, text, n);
		output_bytes(output, safe, strlen(safe));
		if (n < len)
			output_bytes(output, text + n++, 1);
		text += n;
		len -= n;
	}
	free(safe);
	return EXIT_DONE;
}

static int
describe(
    struct session *session, const void *options, int count, char **operands)
{
	describe_result result;
	struct json json = { .output = session->output };
	const char *text;
	size_t len;
	int r = call_server(session, &procedure_describe, NULL, &result);

	(void)options;
	(void)count;
	(void)operands;
	if (r != EXIT_DONE)
		return r;
	text = result.describe_result_u.schema.schema_val;
	len = result.describe_result_u.schema.schema_len;
	if (session->settings->json) {
		json_bytes(&json, "schema", text, len);
		json_end(&json);
	} else if (output_is_terminal(session->output)) {
		r = print_for_people(session->output, text, len);
	} else {
		output_bytes(session->output, text, len);
	}
	procedure_free(&procedure_describe, &result);
	return r;
}

const struct command command_describe = {
	.name = "describe",
	.operands = "",
	.summary = "print the interface, for rpcgen",
	.about =
	    "Calls REVERSE_DESCRIBE and prints reverse.x as the server has\n"
	    "it: rpcgen makes stubs from it.",
	.uses = SETTINGS_CALL,
	.run = describe,
};
