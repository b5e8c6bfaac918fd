#include "server/rules.h"

#include "base/log.h"

#include <string.h>

static bool
has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether an address begins so; what is implied has some of each. */
static bool
serves(const struct settings *s, const char *prefix)
{
	bool found = s->listen.count == 0;

	for (size_t i = 0; i < s->listen.count; i++)
		found = found || has_prefix(s->listen.items[i], prefix);
	return found;
}

static bool
is_without_files(const void *context)
{
	return !serves(context, "unix:");
}

static bool
is_without_datagrams(const void *context)
{
	return !serves(context, "udp:");
}

/* Whether the port counts for it: ADDR, [ADDR] or any, after a prefix or not.
 */
static bool
takes_port(const char *address)
{
	const char *at = address;

	if (has_prefix(at, "unix:"))
		return false;
	if (has_prefix(at, "tcp:") || has_prefix(at, "udp:"))
		at += strlen("tcp:");
	if (at[0] == '[')
		return strstr(at, "]:") == NULL;
	at = strchr(at, ':');
	return at == NULL || strchr(at + 1, ':') != NULL;
}

static bool
is_port_vain(const void *context)
{
	const struct settings *s = context;
	bool vain = s->listen.count > 0;

	for (size_t i = 0; i < s->listen.count; i++)
		vain = vain && !takes_port(s->listen.items[i]);
	return vain;
}

static bool
are_streams_per_client_vain(const void *context)
{
	const struct settings *s = context;

	return s->streams_per_client > s->streams;
}

static bool
are_datagram_streams_vain(const void *context)
{
	const struct settings *s = context;

	return s->datagram_streams > s->streams;
}

static bool
is_datagram_lease_vain(const void *context)
{
	const struct settings *s = context;

	return s->datagram_lease_ms > s->lease_ms;
}

static bool
is_spool_stream_vain(const void *context)
{
	const struct settings *s = context;

	/* One client may have all: of the loopback. */
	return s->spool_stream_bytes > s->spool_total_bytes;
}

static bool
is_spool_per_client_vain(const void *context)
{
	const struct settings *s = context;

	return s->spool_per_client_bytes > s->spool_total_bytes;
}

static bool
is_not_verbose(const void *context)
{
	return ((const struct settings *)context)->log_level != LOG_LEVEL_DEBUG;
}

static bool
is_not_quiet(const void *context)
{
	return ((const struct settings *)context)->log_level != LOG_LEVEL_WARN;
}

static bool
is_not_checked(const void *context)
{
	return ((const struct settings *)context)->action != SETTINGS_CHECK;
}

static bool
is_not_helped(const void *context)
{
	return ((const struct settings *)context)->action != SETTINGS_SHOW_HELP;
}

static bool
is_no_version(const void *context)
{
	return ((const struct settings *)context)->action !=
	    SETTINGS_SHOW_VERSION;
}

static const char no_file[] = "no --listen is a Unix socket";
static const char no_datagrams[] = "no --listen is over UDP";
static const char one_action[] =
    "--check, --version and --help exclude each other";

static const struct option_rule rules[] = {
	{ "port", is_port_vain, "every --listen has its own" },
	{ "socket-mode", is_without_files, no_file },
	{ "socket-owner", is_without_files, no_file },
	{ "datagram", is_without_datagrams, no_datagrams },
	{ "datagram-streams", is_without_datagrams, no_datagrams },
	{ "datagram-lease", is_without_datagrams, no_datagrams },
	{ "streams-per-client", are_streams_per_client_vain,
	    "above --streams" },
	{ "datagram-streams", are_datagram_streams_vain, "above --streams" },
	{ "datagram-lease", is_datagram_lease_vain, "longer than --lease" },
	{ "spool-stream", is_spool_stream_vain, "above --spool-total" },
	{ "spool-per-client", is_spool_per_client_vain, "above --spool-total" },
	{ "verbose", is_not_verbose, "not with --quiet" },
	{ "quiet", is_not_quiet, "not with --verbose" },
	{ "check", is_not_checked, one_action },
	{ "version", is_no_version, one_action },
	{ "help", is_not_helped, one_action },
	{ .name = NULL },
};

int
rules_check(const struct settings *settings, struct option_error *error)
{
	return option_check(&settings->set, rules, settings, error);
}
