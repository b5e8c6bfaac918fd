#include "server/settings.h"

#include "base/log.h"
#include "rpcloop/serve/engine.h"
#include "server/process/processors.h"
#include "server/spool/spool.h"
#include "stream/server/terms.h"

#include <stdio.h>
#include <stdlib.h>

#define FIELD(kind_, name_) \
	.kind = &(kind_), .offset = offsetof(struct settings, name_)

static const struct option_row rows[] = {
	{ .name = "file",
	    .letter = 'f',
	    .argument = "FILE",
	    .help = "read settings from FILE first: a line NAME = VALUE for\n"
		    "each long option below",
	    FIELD(option_string, file),
	    .flags = OPTION_LINE_ONLY },
	{ .name = "listen",
	    .letter = 'l',
	    .argument = "ADDRESS",
	    .help = "serve this address: ADDR or ADDR:PORT over TCP, an IPv6\n"
		    "ADDR in brackets, or any, for every address; udp:ADDR\n"
		    "over UDP; unix:PATH, a Unix socket; may be repeated\n"
		    "(default: the loopback, TCP and UDP, IPv4 and IPv6, and\n"
		    "a Unix socket in the runtime directory)",
	    FIELD(option_list, listen) },
	{ .name = "port",
	    .letter = 'p',
	    .argument = "PORT",
	    .help = "the port where an address names none; 0 is any that is\n"
		    "free (default 20726)",
	    FIELD(option_number, port),
	    .max = 65535 },
	{ .name = "socket-mode",
	    .argument = "MODE",
	    .help = "of Unix sockets, in octal: who can write may connect\n"
		    "(default 666)",
	    FIELD(option_mode, socket_mode),
	    .max = 0777 },
	{ .name = "socket-owner",
	    .argument = "USER[:GROUP]",
	    .help = "of Unix sockets (default: who starts the daemon)",
	    FIELD(option_string, socket_owner) },
	{ .name = "rpcbind",
	    .help = "do not register with rpcbind",
	    FIELD(option_flag, rpcbind),
	    .flags = OPTION_NO },
	{ .name = "user",
	    .argument = "USER",
	    .help = "when started as root, become USER once the addresses are\n"
		    "bound (default nobody; root: stay root)",
	    FIELD(option_string, user) },
	{ .name = "sandbox",
	    .help = "do not enter the sandbox",
	    FIELD(option_flag, sandbox),
	    .flags = OPTION_NO },
	{ .name = "workers",
	    .letter = 'j',
	    .argument = "NUMBER",
	    .help = "threads that serve (default: one for each processor)",
	    FIELD(option_number, workers),
	    .min = 1,
	    .max = WORKERS_MAX },
	{ .name = "connections",
	    .argument = "NUMBER",
	    .help = "the most connections (default 16384)",
	    FIELD(option_number, connections),
	    .min = 1,
	    .max = 1000000 },
	{ .name = "calls",
	    .argument = "NUMBER",
	    .help = "calls in flight on one connection (default 1024)",
	    FIELD(option_number, calls_in_flight),
	    .min = 1,
	    .max = 1000000 },
	{ .name = "output",
	    .argument = "BYTES",
	    .help = "replies queued on one connection, above which it is not\n"
		    "read (default 4M)",
	    FIELD(option_size, output_bytes),
	    .min = 1024,
	    .max = 1u << 30 },
	{ .name = "memory",
	    .argument = "BYTES",
	    .help = "for calls, replies and streams together; beyond it only\n"
		    "short calls are read (default 512M)",
	    FIELD(option_size, memory_bytes),
	    .min = 1 << 20,
	    .max = (uint64_t)1 << 40 },
	{ .name = "streams",
	    .argument = "NUMBER",
	    .help = "the most open streams (default 4096)",
	    FIELD(option_number, streams),
	    .min = 1,
	    .max = 1000000 },
	{ .name = "streams-per-client",
	    .argument = "NUMBER",
	    .help = "the most open streams of one client (default 256)",
	    FIELD(option_number, streams_per_client),
	    .min = 1,
	    .max = 1000000 },
	{ .name = "streams-kept",
	    .argument = "NUMBER",
	    .help = "ended streams kept for late retries (default 16384)",
	    FIELD(option_number, streams_kept),
	    .min = 1,
	    .max = 1000000 },
	{ .name = "waiting",
	    .argument = "NUMBER",
	    .help = "calls that wait on one stream (default 64)",
	    FIELD(option_number, waiting),
	    .min = 1,
	    .max = 1000000 },
	{ .name = "window",
	    .argument = "BYTES",
	    .help = "of messages that a stream takes ahead, each way\n"
		    "(default 264K)",
	    FIELD(option_size, window_bytes),
	    .min = 4096,
	    .max = 1 << 24 },
	{ .name = "lease",
	    .argument = "SECONDS",
	    .help = "that a stream lives without a call, twice wait-time at\n"
		    "least (default 60)",
	    FIELD(option_seconds, lease_ms),
	    .min = 2,
	    .max = 86400000 },
	{ .name = "wait-time",
	    .argument = "SECONDS",
	    .help = "that a call may wait on a stream (default 10)",
	    FIELD(option_seconds, wait_ms),
	    .min = 1,
	    .max = 20000 },
	{ .name = "datagram",
	    .argument = "BYTES",
	    .help = "the longest message over UDP (default 8192)",
	    FIELD(option_number, datagram_max),
	    .min = 512,
	    .max = 16384 },
	{ .name = "datagram-streams",
	    .argument = "NUMBER",
	    .help = "the most streams opened over UDP whose client has made\n"
		    "no second call yet (default 256)",
	    FIELD(option_number, datagram_streams),
	    .min = 1,
	    .max = 1000000 },
	{ .name = "datagram-lease",
	    .argument = "SECONDS",
	    .help = "that such a stream lives (default 5)",
	    FIELD(option_seconds, datagram_lease_ms),
	    .min = 100,
	    .max = 86400000 },
	{ .name = "record-time",
	    .argument = "SECONDS",
	    .help = "for a call to arrive, and 1 more for each 64 KiB of it\n"
		    "(default 10)",
	    FIELD(option_seconds, record_ms),
	    .min = 1,
	    .max = 86400000 },
	{ .name = "write-time",
	    .argument = "SECONDS",
	    .help = "that a peer may leave replies unread (default 30)",
	    FIELD(option_seconds, write_ms),
	    .min = 1,
	    .max = 86400000 },
	{ .name = "idle-time",
	    .argument = "SECONDS",
	    .help = "that a connection may make no call (default 600)",
	    FIELD(option_seconds, idle_ms),
	    .min = 1,
	    .max = 86400000 },
	{ .name = "drain-time",
	    .argument = "SECONDS",
	    .help = "for calls and streams under way when told to stop\n"
		    "(default 10)",
	    FIELD(option_seconds, drain_ms),
	    .min = 1,
	    .max = 86400000 },
	{ .name = "spool",
	    .argument = "DIR",
	    .help = "where texts of streams go that are too long for memory\n"
		    "(default $TMPDIR, else /var/tmp)",
	    FIELD(option_string, spool) },
	{ .name = "spool-stream",
	    .argument = "BYTES",
	    .help = "the longest text of a stream (default 8G)",
	    FIELD(option_size, spool_stream_bytes),
	    .min = 1 << 20,
	    .max = (uint64_t)1 << 50 },
	{ .name = "spool-total",
	    .argument = "BYTES",
	    .help = "of all texts there together (default 64G)",
	    FIELD(option_size, spool_total_bytes),
	    .min = 1 << 20,
	    .max = (uint64_t)1 << 50 },
	{ .name = "spool-per-client",
	    .argument = "BYTES",
	    .help = "of the texts there of one client (default 8G)",
	    FIELD(option_size, spool_per_client_bytes),
	    .min = 1 << 20,
	    .max = (uint64_t)1 << 50 },
	{ .name = "spool-free",
	    .argument = "PERCENT",
	    .help = "of the disk, which they leave free (default 5)",
	    FIELD(option_number, spool_free_percent),
	    .max = 100 },
	{ .name = "turn-cpu",
	    .help = "measure the processor time of turns of the loop, and log\n"
		    "the longest on SIGUSR1 and at the end",
	    FIELD(option_flag, turn_cpu) },
	{ .name = "trace",
	    .help = "log every call and reply, byte by byte",
	    FIELD(option_flag, trace) },
	{ .name = "verbose",
	    .letter = 'v',
	    .help = "log each step",
	    FIELD(option_preset, log_level),
	    .max = LOG_LEVEL_DEBUG,
	    .flags = OPTION_LINE_ONLY },
	{ .name = "quiet",
	    .letter = 'q',
	    .help = "log only what is wrong",
	    FIELD(option_preset, log_level),
	    .max = LOG_LEVEL_WARN,
	    .flags = OPTION_LINE_ONLY },
	{ .name = "check",
	    .help = "print the settings in force as a file, and stop",
	    FIELD(option_preset, action),
	    .max = SETTINGS_CHECK,
	    .flags = OPTION_LINE_ONLY },
	{ .name = "version",
	    .help = "print the version, and stop",
	    FIELD(option_preset, action),
	    .max = SETTINGS_SHOW_VERSION,
	    .flags = OPTION_LINE_ONLY },
	{ .name = "help",
	    .letter = 'h',
	    .help = "print this, and stop",
	    FIELD(option_preset, action),
	    .max = SETTINGS_SHOW_HELP,
	    .flags = OPTION_LINE_ONLY },
	{ .name = NULL },
};

static const char *
spool_directory(void)
{
	const char *directory = getenv("TMPDIR");

	return directory != NULL && directory[0] == '/' ? directory
							: "/var/tmp";
}

static void
set_defaults(struct settings *s)
{
	const struct engine_limits *limits = &engine_default_limits;
	const struct streams_limits *streams = &streams_default_limits;
	const struct spool_limits *spool = &spool_default_limits;

	*s = (struct settings){
		.action = SETTINGS_RUN,
		.log_level = LOG_LEVEL_INFO,
		.user = "nobody",
		.port = SETTINGS_PORT,
		.rpcbind = true,
		.socket_mode = 0666,
		.datagram_max = 8192,
		.datagram_streams = 256,
		.datagram_lease_ms = streams->unproven_lease_ms,
		.sandbox = true,
		.workers = processors_usable(WORKERS_MAX),
		.connections = limits->connections,
		.calls_in_flight = limits->net.calls_in_flight,
		.output_bytes = limits->net.output_bytes,
		.memory_bytes = limits->memory_bytes,
		.streams = 4096,
		.streams_per_client = 256,
		.streams_kept = 16384,
		.waiting = streams->parked,
		.window_bytes = streams->window,
		.lease_ms = streams->lease_ms,
		.wait_ms = streams->wait_max_ms,
		.record_ms = (unsigned int)limits->time.record_ms,
		.write_ms = (unsigned int)limits->time.write_ms,
		.idle_ms = (unsigned int)limits->time.idle_ms,
		.drain_ms = 10 * 1000,
		.spool = spool_directory(),
		.spool_stream_bytes = streams->spool_stream,
		.spool_total_bytes = (uint64_t)64 << 30,
		.spool_per_client_bytes = (uint64_t)8 << 30,
		.spool_free_percent = spool->free_percent,
	};
	s->group = (struct option_group){ "Options", rows, s };
	option_init(&s->set, &s->group, 1);
}

/* Reads the line, which must have no operands. */
static int
read_line(struct settings *s, int argc, char **argv, struct option_error *error)
{
	int operands;
	int r;

	r = option_line(&s->set, argc, argv, false, &operands, error);
	if (r == 0 && operands < argc)
		r = option_refuse(
		    error, "operand '%s' is not expected", argv[operands]);
	return r;
}

/* What no row can say by itself. */
static int
compare(const struct settings *s, struct option_error *error)
{
	if (s->lease_ms / 2 >= s->wait_ms)
		return 0;
	return option_refuse(error,
	    "lease: %u ms is less than twice wait-time, which is %u ms",
	    s->lease_ms, s->wait_ms);
}

int
settings_read(
    struct settings *s, int argc, char **argv, struct option_error *error)
{
	struct settings first;
	int r;

	set_defaults(s);
	/* The line weighs more than the file that it names. */
	set_defaults(&first);
	r = read_line(&first, argc, argv, error);
	if (r == 0 && first.file != NULL)
		r = option_file(&s->set, first.file, error);
	if (r == 0)
		r = read_line(s, argc, argv, error);
	if (r == 0)
		r = compare(s, error);
	settings_free(&first);
	return r;
}

void
settings_free(struct settings *s)
{
	option_release(&s->set);
}

void
settings_show_help(const struct settings *s)
{
	printf("usage: reversed [options]\n"
	       "Serves the reversal of text over ONC RPC.\n\n");
	option_help(&s->set, stdout);
}

void
settings_show_effective(const struct settings *s)
{
	option_print(&s->set, stdout);
}
