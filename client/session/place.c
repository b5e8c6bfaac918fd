#include "client/session/place.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

/* A part of a text. */
struct span {
	const char *at;
	size_t len;
};

/* A place is named in a message. */
#define NAME_FORMAT "\"%.*s\""
#define NAME(span)  (int)((span).len < 100 ? (span).len : 100), (span).at
#define PORT_MAX    65535u

static struct span
span_between(const char *at, const char *end)
{
	return (struct span){ at, (size_t)(end - at) };
}

static struct span
span_after(struct span whole, const char *at)
{
	return span_between(at, whole.at + whole.len);
}

/* Where a byte is in it; NULL: nowhere. */
static const char *
find(struct span in, char byte)
{
	return in.len > 0 ? memchr(in.at, byte, in.len) : NULL;
}

/* A number from 1 to 65535; false: it is none. */
static bool
read_port(struct span text, uint16_t *port)
{
	unsigned int number = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		number = number * 10 + (unsigned int)(text.at[i] - '0');
		if (number > PORT_MAX)
			return false;
	}
	*port = (uint16_t)number;
	return number > 0;
}

/* An address of a family, of IPv6 with or without a scope.  Whether there is
 * an interface of that name is for later to know. */
static bool
is_address(int family, struct span text)
{
	char copy[INET6_ADDRSTRLEN];
	struct in6_addr any;
	const char *scope = family == AF_INET6 ? find(text, '%') : NULL;

	if (scope != NULL) {
		if (span_after(text, scope).len == 1)
			return false;
		text = span_between(text.at, scope);
	}
	if (text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	return inet_pton(family, copy, &any) == 1;
}

int
place_family(const struct place *place)
{
	struct span host = { place->host, strlen(place->host) };

	if (is_address(AF_INET, host))
		return AF_INET;
	return is_address(AF_INET6, host) ? AF_INET6 : AF_UNSPEC;
}

static bool
is_here(const struct place *place)
{
	switch (place_family(place)) {
	case AF_INET:
		return strncmp(place->host, "127.", 4) == 0;
	case AF_INET6:
		return strcmp(place->host, "::1") == 0;
	default:
		return strcasecmp(place->host, "localhost") == 0;
	}
}

bool
places_are_here(const struct places *places)
{
	for (size_t i = 0; i < places->count; i++)
		if (is_here(&places->at[i]))
			return true;
	return places->count == 0;
}

static bool
has_blank(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (isspace((unsigned char)text.at[i]))
			return true;
	return false;
}

static int
refuse_port(struct option_error *error, struct span whole)
{
	return option_refuse(error,
	    NAME_FORMAT " has no port from 1 to 65535 after its last colon",
	    NAME(whole));
}

/* [ADDR] or [ADDR]:PORT. */
static int
read_brackets(struct span whole, struct span *host, uint16_t *port,
    struct option_error *error)
{
	const char *end = find(whole, ']');
	struct span rest;

	if (end == NULL)
		return option_refuse(error,
		    NAME_FORMAT " has no ] after its address", NAME(whole));
	*host = span_between(whole.at + 1, end);
	rest = span_after(whole, end + 1);
	if (!is_address(AF_INET6, *host) && !is_address(AF_INET, *host))
		return option_refuse(error,
		    NAME_FORMAT " has no address in its brackets", NAME(whole));
	if (rest.len == 0)
		return 0;
	if (rest.at[0] != ':')
		return option_refuse(error,
		    NAME_FORMAT " has something else than :PORT after its ]",
		    NAME(whole));
	if (!read_port(span_after(rest, rest.at + 1), port))
		return refuse_port(error, whole);
	return 0;
}

/* HOST, HOST:PORT or an address with more than one colon. */
static int
read_plain(struct span whole, struct span *host, uint16_t *port,
    struct option_error *error)
{
	const char *colon = find(whole, ':');
	struct span rest;

	*host = whole;
	if (colon == NULL)
		return 0;
	rest = span_after(whole, colon + 1);
	if (find(rest, ':') != NULL) {
		if (is_address(AF_INET6, whole))
			return 0;
		return option_refuse(error,
		    NAME_FORMAT " is none of HOST:PORT, ADDR and [ADDR]:PORT",
		    NAME(whole));
	}
	*host = span_between(whole.at, colon);
	return read_port(rest, port) ? 0 : refuse_port(error, whole);
}

static int
read_place(struct span whole, struct span *host, uint16_t *port,
    struct option_error *error)
{
	int r;

	*port = 0;
	if (whole.len > 0 && whole.at[0] == '[')
		r = read_brackets(whole, host, port, error);
	else
		r = read_plain(whole, host, port, error);
	if (r != 0)
		return r;
	if (host->len == 0)
		return option_refuse(
		    error, NAME_FORMAT " names no host", NAME(whole));
	if (has_blank(*host))
		return option_refuse(
		    error, NAME_FORMAT " has a blank in its host", NAME(whole));
	return 0;
}

static int
add_place(struct option_set *set, struct places *places, struct span whole,
    struct option_error *error)
{
	struct place *place = &places->at[places->count];
	struct span host;
	uint16_t port;
	char *copy;
	int r;

	if (places->count == PLACES_MAX)
		return option_refuse(error, "more than %d servers", PLACES_MAX);
	r = read_place(whole, &host, &port, error);
	if (r != 0)
		return r;
	copy = option_keep(set, host.len + 1);
	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, host.at, host.len);
	*place = (struct place){ copy, port };
	places->count++;
	return 0;
}

static int
places_set(struct option_set *set, const struct option_row *row, void *field,
    const char *value, struct option_error *error)
{
	struct span rest = { value, strlen(value) }, whole;
	const char *comma;
	int r;

	(void)row;
	if (rest.len > OPTION_TEXT_MAX)
		return option_refuse(
		    error, "longer than %d bytes", OPTION_TEXT_MAX);
	do {
		comma = find(rest, ',');
		whole = comma == NULL ? rest : span_between(rest.at, comma);
		r = add_place(set, field, whole, error);
		if (comma != NULL)
			rest = span_after(rest, comma + 1);
	} while (r == 0 && comma != NULL);
	return r;
}

static void
places_clear(void *field)
{
	((struct places *)field)->count = 0;
}

const struct option_kind option_places = {
	.set = places_set,
	.clear = places_clear,
};
