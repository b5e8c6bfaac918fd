/*
 * whoami: REVERSE_WHOAMI.
 *
 * The members of the JSON object are the fields of struct caller.  A uid that
 * was not claimed is left out, for people as for programs.
 */
#include "client/commands/command.h"

#include "base/printable.h"
#include "client/session/call.h"
#include "client/terminal/json.h"

/* In the place of a uid when none was claimed. */
#define NO_UID UINT32_MAX

/* Room for any text of a caller with every byte of it escaped. */
#define TEXT_SIZE (4 * 512 + 1)

static void
print_line(
    struct output *output, const char *name, const char *bytes, size_t len)
{
	char text[TEXT_SIZE];

	if (len > 0)
		output_text(output, "%s: %s\n", name,
		    printable(text, sizeof(text), bytes, len));
}

static void
print_people(struct output *output, const caller *you)
{
	switch (you->flavor) {
	case AUTH_NONE:
		output_text(output, "flavor: AUTH_NONE\n");
		break;
	case AUTH_SYS:
		output_text(output, "flavor: AUTH_SYS\n");
		break;
	default:
		output_text(output, "flavor: %u\n", you->flavor);
	}
	if (you->uid != NO_UID)
		output_text(output, "uid: %u\n", you->uid);
	print_line(output, "principal", you->principal.principal_val,
	    you->principal.principal_len);
	print_line(output, "certificate", you->certificate.certificate_val,
	    you->certificate.certificate_len);
	print_line(output, "address", you->address.address_val,
	    you->address.address_len);
}

static void
print_json(struct output *output, const caller *you)
{
	struct json json = { .output = output };

	json_number(&json, "flavor", you->flavor);
	if (you->uid != NO_UID)
		json_number(&json, "uid", you->uid);
	json_bytes(&json, "principal", you->principal.principal_val,
	    you->principal.principal_len);
	json_bytes(&json, "certificate", you->certificate.certificate_val,
	    you->certificate.certificate_len);
	json_bytes(&json, "address", you->address.address_val,
	    you->address.address_len);
	json_end(&json);
}

static int
whoami(struct session *session, const void *options, int count, char **operands)
{
	whoami_result result;
	int r = call_server(session, &procedure_whoami, NULL, &result);

	(void)options;
	(void)count;
	(void)operands;
	if (r != EXIT_DONE)
		return r;
	if (session->settings->json)
		print_json(session->output, &result.whoami_result_u.you);
	else
		print_people(session->output, &result.whoami_result_u.you);
	procedure_free(&procedure_whoami, &result);
	return EXIT_DONE;
}

const struct command command_whoami = {
	.name = "whoami",
	.operands = "",
	.summary = "print whom the server takes you for",
	.about =
	    "Calls REVERSE_WHOAMI.  The uid is what AUTH_SYS claims, which\n"
	    "nobody has proved.  At a Unix socket the kernel tells the\n"
	    "server who calls: that is the uid then, and the principal.\n"
	    "The address, which a Unix socket has not, is a universal\n"
	    "address, whose last two numbers are the port.",
	.uses = SETTINGS_CALL,
	.run = whoami,
};
