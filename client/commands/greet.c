/*
 * greet: REVERSE_GREET, the newcomer's first call.
 *
 * The members of the JSON object are the fields of struct greeting, with boot
 * in hexadecimal: it is random bytes, and its form must not depend on their
 * values.
 */
#include "client/commands/command.h"

#include "base/printable.h"
#include "client/session/call.h"
#include "client/terminal/json.h"

#include <stdio.h>

/* Room for any text of a greeting with every byte of it escaped. */
#define TEXT_SIZE (4 * 256 + 1)

static void
print_people(const struct session *session, const greeting *hello)
{
	char text[TEXT_SIZE], peer[ENDPOINT_TEXT_SIZE];

	output_text(session->output, "%s\n",
	    printable(text, sizeof(text), hello->text.text_val,
		hello->text.text_len));
	output_text(session->output, "server: %s",
	    printable(text, sizeof(text), hello->server.server_val,
		hello->server.server_len));
	if (hello->release.release_len > 0)
		output_text(session->output, " %s",
		    printable(text, sizeof(text), hello->release.release_val,
			hello->release.release_len));
	output_text(
	    session->output, " at %s\n", endpoint_text(&session->peer, peer));
	if (hello->unicode.unicode_len > 0)
		output_text(session->output, "unicode: %s\n",
		    printable(text, sizeof(text), hello->unicode.unicode_val,
			hello->unicode.unicode_len));
	output_text(session->output, "longest message: %u bytes\n",
	    settings_is_datagram(session->settings) ? hello->datagram_max
						    : hello->message_max);
}

static void
print_json(struct output *output, const greeting *hello)
{
	struct json json = { .output = output };
	char boot[2 * sizeof(hello->boot) + 1];

	for (size_t i = 0; i < sizeof(hello->boot); i++)
		snprintf(boot + 2 * i, 3, "%02x",
		    (unsigned int)(unsigned char)hello->boot[i]);
	json_bytes(&json, "text", hello->text.text_val, hello->text.text_len);
	json_bytes(&json, "server", hello->server.server_val,
	    hello->server.server_len);
	json_bytes(&json, "release", hello->release.release_val,
	    hello->release.release_len);
	json_bytes(&json, "unicode", hello->unicode.unicode_val,
	    hello->unicode.unicode_len);
	json_text(&json, "boot", boot);
	json_number(&json, "message_max", hello->message_max);
	json_number(&json, "window", hello->window);
	json_number(&json, "datagram_max", hello->datagram_max);
	json_number(&json, "wait_max_ms", hello->wait_max_ms);
	json_number(&json, "lease_ms", hello->lease_ms);
	json_end(&json);
}

static int
greet(struct session *session, const void *options, int count, char **operands)
{
	call_context args = { 0 };
	greet_result result;
	int r = call_server(session, &procedure_greet, &args, &result);

	(void)options;
	(void)count;
	(void)operands;
	if (r != EXIT_DONE)
		return r;
	if (session->settings->json)
		print_json(session->output, &result.greet_result_u.hello);
	else
		print_people(session, &result.greet_result_u.hello);
	procedure_free(&procedure_greet, &result);
	return EXIT_DONE;
}

const struct command command_greet = {
	.name = "greet",
	.operands = "",
	.summary = "ask the server for its message, name and limits",
	.about =
	    "Calls REVERSE_GREET and prints the server's invitation, its\n"
	    "name and release, where it was found, its version of Unicode\n"
	    "and the longest message it takes that way.",
	.uses = SETTINGS_CALL,
	.run = greet,
};
