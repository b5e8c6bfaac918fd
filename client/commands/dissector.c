/*
 * dissector: a script for Wireshark, made of an interface.
 */
#include "schema/dissector.h"
#include "client/commands/command.h"
#include "client/commands/interface.h"

/* Of the longest interface that is read it takes less. */
enum { SCRIPT_MAX = 64 * 1024 * 1024 };

static int
dissector(
    struct session *session, const void *options, int count, char **operands)
{
	struct interface interface;
	struct buffer script;
	int r = interface_read(&interface, session->settings->interface);

	(void)options;
	(void)count;
	(void)operands;
	if (r != EXIT_DONE)
		return r;
	buffer_init(&script, SCRIPT_MAX);
	if (dissector_add(&script, interface.schema) == 0)
		output_bytes(
		    session->output, buffer_head(&script), buffer_len(&script));
	else
		r = say_no_memory();
	buffer_deinit(&script);
	interface_free(&interface);
	return r;
}

const struct command command_dissector = {
	.name = "dissector",
	.operands = "",
	.summary = "print a script by which Wireshark shows calls",
	.about =
	    "Prints a script in Lua by which Wireshark and tshark show the\n"
	    "arguments and results of reverse.x, or with -x of a file like\n"
	    "it, field by field:\n\n"
	    "  reverse dissector >reverse.lua\n"
	    "  tshark -X lua_script:reverse.lua -d tcp.port==20726,rpc",
	.uses = SETTINGS_INTERFACE,
	.run = dissector,
};
