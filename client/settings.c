/*
 * settings: the options of every command, and what they may be.
 */
#include "client/settings.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* The longest deadline, and the longest search, a day: far beyond any call. */
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

static const struct option_choice securities[] = {
	{ "none", SECURITY_NONE },
	{ "sys", SECURITY_SYS },
	{ NULL, 0 },
};

const struct settings settings_default = {
	.transport = TRANSPORT_ANY,
	.unit = UNIT_GRAPHEME,
	.retry_ms = 30 * 1000,
	.progress = true,
	.verbosity = SAY_ERRORS,
};

#define FIELD(kind_, name_) \
	.kind = &(kind_), .offset = offsetof(struct settings, name_)

static const struct option_row call_rows[] = {
	{ .name = "server",
	    .letter = 's',
	    .argument = "HOST",
	    .help = "name or address of the server, with :PORT if its\n"
		    "port is known (default localhost); of several,\n"
		    "with commas between, the first that answers",
	    FIELD(option_places, servers) },
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
	{ .name = "sec",
	    .argument = "FLAVOR",
	    .help = "credential of the calls: sys or none (default: sys,\n"
		    "and none at a server that refuses that)",
	    FIELD(option_choice, security),
	    .choices = securities },
	{ .name = "deadline",
	    .letter = 't',
	    .argument = "SECONDS",
	    .help = "give up a call, or a stream, after this time",
	    FIELD(option_seconds, deadline_ms),
	    .min = 1,
	    .max = DEADLINE_MAX_MS },
	{ .name = "retry",
	    .argument = "SECONDS",
	    .help = "how long to go on without a server, once there\n"
		    "was one (default 30; 0: not at all)",
	    FIELD(option_seconds, retry_ms),
	    .max = DEADLINE_MAX_MS },
	{ .name = "json",
	    .help = "results and failures as JSON, one object a line",
	    FIELD(option_flag, json) },
	{ .name = "trace",
	    .help = "show every call on standard error, byte by byte",
	    FIELD(option_flag, trace) },
	{ .name = "trace-html",
	    .argument = "FILE",
	    .help = "write every call into a page for a browser",
	    FIELD(option_string, trace_html) },
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
	{ .name = NULL },
};

static const struct option_row text_rows[] = {
	{ .name = "unit",
	    .letter = 'u',
	    .argument = "UNIT",
	    .help = "what stays whole: grapheme (default),\n"
		    "codepoint, byte, word or line",
	    FIELD(option_choice, unit),
	    .choices = units },
	{ .name = NULL },
};

static const struct option_row file_rows[] = {
	{ .name = "progress",
	    .help = "do not show how far it is, on a terminal",
	    FIELD(option_flag, progress),
	    .flags = OPTION_NO },
	{ .name = NULL },
};

static const struct option_row interface_rows[] = {
	{ .name = "interface",
	    .letter = 'x',
	    .argument = "FILE",
	    .help = "what rpcgen made another service of, as reverse.x;\n"
		    "for call, list and dissector",
	    FIELD(option_string, interface) },
	{ .name = NULL },
};

static const struct option_row rows[] = {
	{ .name = "help",
	    .letter = 'h',
	    .help = "this help",
	    FIELD(option_flag, help) },
	{ .name = "version",
	    .help = "the release of this program",
	    FIELD(option_flag, release) },
	{ .name = NULL },
};

const struct settings_part settings_parts[SETTINGS_PARTS] = {
	{ call_rows, SETTINGS_CALL },
	{ text_rows, SETTINGS_TEXT },
	{ file_rows, SETTINGS_FILES },
	{ interface_rows, SETTINGS_INTERFACE },
	{ rows, 0 },
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

/* Adds a server; false when it does not fit. */
static bool
add_place(const struct place *place, char out[SETTINGS_PLACE_SIZE], size_t *len)
{
	const char *comma = *len > 0 ? "," : "";
	bool is_6 = strchr(place->host, ':') != NULL;
	size_t room = SETTINGS_PLACE_SIZE - *len;
	int n;

	if (place->port == 0)
		n = snprintf(out + *len, room, "%s%s", comma, place->host);
	else
		n = snprintf(out + *len, room, "%s%s%s%s:%u", comma,
		    is_6 ? "[" : "", place->host, is_6 ? "]" : "", place->port);
	*len += (size_t)n;
	return n >= 0 && (size_t)n < room;
}

const char *
settings_place(const struct settings *settings, char out[SETTINGS_PLACE_SIZE])
{
	const struct places *servers = &settings->servers;
	size_t len = 0;

	if (settings_is_local(settings))
		snprintf(out, SETTINGS_PLACE_SIZE, "%s",
		    settings->path != NULL ? settings->path : "a Unix socket");
	else if (servers->count == 0)
		strcpy(out, "localhost");
	for (size_t i = 0; !settings_is_local(settings) && i < servers->count;
	     i++)
		if (!add_place(&servers->at[i], out, &len))
			break;
	return out;
}

static bool
socket_is_vain(const void *context)
{
	const struct settings *settings = context;

	return settings->path != NULL && settings->transport != TRANSPORT_ANY &&
	    settings->transport != TRANSPORT_LOCAL;
}

static bool
server_is_vain(const void *context)
{
	const struct settings *settings = context;

	return settings->servers.count > 0 && settings_is_local(settings);
}

static bool
port_is_of_no_socket(const void *context)
{
	const struct settings *settings = context;

	return settings->port != 0 && settings_is_local(settings);
}

static bool
port_is_vain(const void *context)
{
	const struct settings *settings = context;
	const struct places *servers = &settings->servers;
	size_t known = 0;

	while (known < servers->count && servers->at[known].port != 0)
		known++;
	return settings->port != 0 && servers->count > 0 &&
	    known == servers->count;
}

/* An address that the transport cannot reach. */
static bool
transport_is_vain(const void *context)
{
	static const int families[] = {
		[TRANSPORT_TCP] = AF_INET,
		[TRANSPORT_UDP] = AF_INET,
		[TRANSPORT_TCP6] = AF_INET6,
		[TRANSPORT_UDP6] = AF_INET6,
		[TRANSPORT_LOCAL] = AF_UNSPEC,
	};
	const struct settings *settings = context;
	int family = families[settings->transport];

	for (size_t i = 0; i < settings->servers.count; i++) {
		int of = place_family(&settings->servers.at[i]);

		if (of != AF_UNSPEC && family != AF_UNSPEC && of != family)
			return true;
	}
	return false;
}

static bool
verbose_is_vain(const void *context)
{
	return ((const struct settings *)context)->verbosity != SAY_STEPS;
}

static bool
quiet_is_vain(const void *context)
{
	return ((const struct settings *)context)->verbosity != SAY_NOTHING;
}

static bool
help_is_vain(const void *context)
{
	return ((const struct settings *)context)->release;
}

/* What the values tell, given or not. */
static const struct option_rule value_rules[] = {
	{ "socket", socket_is_vain,
	    "goes with --netid local, not with another" },
	{ "port", port_is_of_no_socket, "a Unix socket has none" },
	{ "server", server_is_vain, "a Unix socket is of this host" },
	{ "port", port_is_vain, "every --server has its own" },
	{ "netid", transport_is_vain,
	    "a --server is of the other version of IP: leave --netid out" },
	{ .name = NULL },
};

const struct option_rule settings_rules[] = {
	{ "verbose", verbose_is_vain, "not with --quiet" },
	{ "quiet", quiet_is_vain, "not with --verbose" },
	{ "help", help_is_vain, "not with --version" },
	{ .name = NULL },
};

int
settings_check(const struct settings *settings, struct option_error *error)
{
	return option_check(NULL, value_rules, settings, error);
}

const char *
settings_unit_name(text_unit unit)
{
	const struct option_choice *choice = units;

	while (choice->name != NULL && choice->value != (int)unit)
		choice++;
	return choice->name;
}
