/*
 * The settings of the daemon: from its configuration file, then from its
 * command line.  One table (settings.c) makes both, --help and --check.
 */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include "option/option.h"

#include <stdbool.h>

enum { SETTINGS_PORT = 20726, WORKERS_MAX = 256 };

enum settings_action {
	SETTINGS_RUN,
	SETTINGS_SHOW_HELP,
	SETTINGS_SHOW_VERSION,
	SETTINGS_CHECK, /* print the effective settings and stop */
};

struct settings {
	int action;       /* enum settings_action */
	int log_level;    /* enum log_level */
	const char *file; /* NULL: none */
	const char *user;
	unsigned int port; /* 0: any that is free */
	bool rpcbind;
	bool sandbox;
	unsigned int workers;
	struct option_list listen;
	unsigned int socket_mode;
	const char *socket_owner;  /* NULL: as it is made */
	unsigned int datagram_max; /* bytes of a message over UDP */
	unsigned int datagram_streams;
	unsigned int datagram_lease_ms;
	unsigned int connections;
	unsigned int calls_in_flight;
	uint64_t output_bytes;
	uint64_t memory_bytes;
	unsigned int streams;
	unsigned int streams_per_client;
	unsigned int streams_kept;
	unsigned int waiting;
	uint64_t window_bytes;
	unsigned int lease_ms; /* at least twice wait_ms */
	unsigned int wait_ms;
	unsigned int record_ms;
	unsigned int write_ms;
	unsigned int idle_ms;
	unsigned int drain_ms;
	const char *spool; /* a directory */
	uint64_t spool_stream_bytes;
	uint64_t spool_total_bytes;
	uint64_t spool_per_client_bytes;
	unsigned int spool_free_percent;
	bool turn_cpu;         /* turns are measured */
	bool trace;            /* messages are shown */
	struct option_set set; /* owns the texts above */
	struct option_group group;
};

/*
 * Reads the command line and the file it names.  Returns 0, OPTION_WRONG with
 * the mistake in error, or a negative errno.  settings_free() either way.
 */
int settings_read(
    struct settings *s, int argc, char **argv, struct option_error *error);

void settings_free(struct settings *s);

/* Writes usage and options, or the settings in force, to standard output. */
void settings_show_help(const struct settings *s);
void settings_show_effective(const struct settings *s);

#endif
