/*
 * settings: the options that every command takes.
 */
#ifndef CLIENT_SETTINGS_H
#define CLIENT_SETTINGS_H

#include "client/session/place.h"
#include "client/terminal/say.h"
#include "option/option.h"

#include <reverse.h>
#include <stdbool.h>

/* The kinds of transport that --netid names. */
enum transport {
	TRANSPORT_ANY, /* TCP over whatever the name has */
	TRANSPORT_TCP,
	TRANSPORT_TCP6,
	TRANSPORT_UDP,
	TRANSPORT_UDP6,
	TRANSPORT_LOCAL
};

/* The credential of calls, as --sec names it. */
enum security {
	SECURITY_ANY, /* AUTH_SYS, but none where that is refused */
	SECURITY_NONE,
	SECURITY_SYS
};

struct settings {
	struct places servers; /* none: localhost */
	unsigned int port;     /* 0: rpcbind knows */
	enum transport transport;
	const char *path; /* of a Unix socket, or NULL */
	enum security security;
	text_unit unit;
	unsigned int deadline_ms; /* 0: none was asked for */
	unsigned int retry_ms; /* how long a server that was lost is looked for
				  again */
	bool json;
	bool trace;
	const char *trace_html; /* the file of the page; NULL: none */
	bool progress;          /* is shown */
	const char *interface;  /* a file like reverse.x; NULL: that one */
	enum verbosity verbosity;
	bool help;
	bool release;
};

/* What holds where no option says otherwise. */
extern const struct settings settings_default;

/* What has to be done for a part of the options to have a meaning. */
enum settings_use {
	SETTINGS_CALL = 1,      /* a server is called */
	SETTINGS_TEXT = 2,      /* text is turned round */
	SETTINGS_INTERFACE = 4, /* the program may be another one */
	SETTINGS_FILES = 8,     /* files are read, however long */
};

enum { SETTINGS_PARTS = 5 };

/* The options, in the order of the help. */
extern const struct settings_part {
	const struct option_row *rows;
	unsigned int use; /* of enum settings_use; 0: they always have one */
} settings_parts[SETTINGS_PARTS];

/* Refuses values that contradict each other; 0 or OPTION_WRONG. */
int settings_check(const struct settings *settings, struct option_error *error);

/* Options that exclude each other when both are given; the context is the
 * settings. */
extern const struct option_rule settings_rules[];

/* The server is looked for at a Unix socket. */
bool settings_is_local(const struct settings *settings);

/* Calls go over UDP, each in a datagram. */
bool settings_is_datagram(const struct settings *settings);

/* Calls are shown, somewhere. */
static inline bool
settings_traces(const struct settings *settings)
{
	return settings->trace || settings->trace_html != NULL;
}

/* Room for the place below, with its NUL. */
enum { SETTINGS_PLACE_SIZE = 512 };

/* Where the server is looked for, for people; cut where it is too long.
 * Returns out. */
const char *settings_place(
    const struct settings *settings, char out[SETTINGS_PLACE_SIZE]);

/* The name of a unit, as --unit takes it. */
const char *settings_unit_name(text_unit unit);

#endif
