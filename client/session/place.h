/*
 * place: where the user says that servers are, as --server takes it.
 *
 * A value is HOST, HOST:PORT, an IPv6 ADDR, [ADDR] or [ADDR]:PORT, or several
 * of them with commas between; and the option may be repeated.  All are kept,
 * in order.
 */
#ifndef CLIENT_SESSION_PLACE_H
#define CLIENT_SESSION_PLACE_H

#include "option/option.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLACES_MAX = 16 };

struct place {
	const char *host; /* without brackets */
	uint16_t port;    /* 0: none was named */
};

/* The field of option_places. */
struct places {
	struct place at[PLACES_MAX];
	size_t count;
};

extern const struct option_kind option_places;

/* The port of a place, or that of all that name none. */
static inline uint16_t
place_port(const struct place *place, unsigned int others)
{
	return place->port != 0 ? place->port : (uint16_t)others;
}

/* Whether one of them is this host, by a name or an address of the loopback, or
 * there are none, which means localhost. */
bool places_are_here(const struct places *places);

/* AF_INET or AF_INET6 where the host is such an address, else AF_UNSPEC. */
int place_family(const struct place *place);

#endif
