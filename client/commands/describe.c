/*
 * describe: REVERSE_DESCRIBE.
 *
 * The text goes out byte for byte, since it is a file for rpcgen.
 */
#include "client/commands/command.h"
#include "client/session/call.h"
#include "client/terminal/json.h"

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
	} else {
		output_bytes(session->output, text, len);
	}
	procedure_free(&procedure_describe, &result);
	return EXIT_DONE;
}

const struct command command_describe = {
	.name = "describe",
	.operands = "",
	.summary = "print the interface, for rpcgen",
	.about =
	    "Calls REVERSE_DESCRIBE and prints reverse.x as the server has\n"
	    "it: rpcgen makes stubs from it.",
	.run = describe,
};
