/*
 * settings: the options of every command, and what they may be.
 */
#include "client/settings.h"

/* The longest deadline, a day: far beyond any call. */
#define DEADLINE_MAX_MS (24u * 60 * 60 * 1000)

static const struct option_choice units[] = {
	{ "grapheme", UNIT_GRAPHEME },
	{ "codepoint", UNIT_CODEPOINT },
	{ "byte", UNIT_BYTE },
	{ "word", UNIT_WORD },
	{ "line", UNIT_LINE },
	{ NULL, 0 },
};

static const struct option_choice transports[] = {
	{ "tcp", TRANSPORT_TCP },
	{ "tcp6", TRANSPORT_TCP6 },
	{ "udp", TRANSPORT_UDP },
	{ "udp6", TRANSPORT_UDP6 },
	{ "local", TRANSPORT_LOCAL },
	{ NULL, 0 },
};

const struct settings settings_default = {
	.host = "localhost",
	.transport = TRANSPORT_ANY,
	.unit = UNIT_GRAPHEME,
	.verbosity = SAY_ERRORS,
};

#define FIELD(kind_, name_) \
	.kind = &(kind_), .offset = offsetof(struct settings, name_)

const struct option_row settings_rows[] = {
	{ .name = "server",
	    .letter = 's',
	    .argument = "HOST",
	    .help = "name or address of the server (default localhost)",
	    FIELD(option_string, host) },
	{ .name = "port",
	    .letter = 'p',
	    .argument = "PORT",
	    .help = "port of the server, without asking rpcbind",
	    FIELD(option_number, port),
	    .min = 1,
	    .max = 65535 },
	{ .name = "netid",
	    .letter = 'n',
	    .argument = "NETID",
	    .help = "transport: tcp, tcp6, udp, udp6 or local\n"
		    "(default: tcp or tcp6)",
	    FIELD(option_choice, transport),
	    .choices = transports },
	{ .name = "socket",
	    .letter = 'S',
	    .argument = "PATH",
	    .help = "Unix socket of the server, with or without\n"
		    "-n local",
	    FIELD(option_string, path) },
	{ .name = "unit",
	    .letter = 'u',
	    .argument = "UNIT",
	    .help = "what stays whole: grapheme (default),\n"
		    "codepoint, byte, word or line",
	    FIELD(option_choice, unit),
	    .choices = units },
	{ .name = "deadline",
	    .letter = 't',
	    .argument = "SECONDS",
	    .help = "give up a call, or a stream, after this time",
	    FIELD(option_seconds, deadline_ms),
	    .min = 1,
	    .max = DEADLINE_MAX_MS },
	{ .name = "json",
	    .help = "results as JSON, one object a line",
	    FIELD(option_flag, json) },
	{ .name = "trace",
	    .help = "show every call on standard error",
	    FIELD(option_flag, trace) },
	{ .name = "verbose",
	    .letter = 'v',
	    .help = "say what is tried",
	    FIELD(option_preset, verbosity),
	    .max = SAY_STEPS },
	{ .name = "quiet",
	    .letter = 'q',
	    .help = "say nothing: the exit code tells",
	    FIELD(option_preset, verbosity),
	    .max = SAY_NOTHING },
	{ .name = "help",
	    .letter = 'h',
	    .help = "this help",
	    FIELD(option_flag, help) },
	{ .name = "version",
	    .help = "the release of this program",
	    FIELD(option_flag, release) },
	{ .name = NULL },
};

bool
settings_is_local(const struct settings *settings)
{
	return settings->path != NULL || settings->transport == TRANSPORT_LOCAL;
}

bool
settings_is_datagram(const struct settings *settings)
{
	return settings->transport == TRANSPORT_UDP ||
	    settings->transport == TRANSPORT_UDP6;
}

int
settings_check(const struct settings *settings, struct option_error *error)
{
	if (settings->path != NULL && settings->transport != TRANSPORT_ANY &&
	    settings->transport != TRANSPORT_LOCAL)
		return option_refuse(error,
		    "--socket: goes with --netid local, not with another");
	if (settings_is_local(settings) && settings->port != 0)
		return option_refuse(error, "--port: a Unix socket has none");
	return 0;
}

const char *
settings_unit_name(text_unit unit)
{
	const struct option_choice *choice = units;

	while (choice->name != NULL && choice->value != (int)unit)
		choice++;
	return choice->name;
}
