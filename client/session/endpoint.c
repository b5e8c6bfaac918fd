/*
 * endpoint: one face for addresses of three families.
 *
 * Two endpoints are compared as bytes, so all that is not set is zero.
 */
#include "client/session/endpoint.h"

#include "client/terminal/say.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

bool
endpoint_from_address(struct endpoint *out, int type,
    const struct sockaddr *address, socklen_t len)
{
	if ((address->sa_family != AF_INET && address->sa_family != AF_INET6) ||
	    len > sizeof(out->at))
		return false;
	memset(out, 0, sizeof(*out));
	out->type = type;
	out->len = len;
	memcpy(&out->at, address, len);
	return true;
}

bool
endpoint_from_path(struct endpoint *out, const char *path)
{
	if (strlen(path) >= sizeof(out->at.un.sun_path))
		return false;
	memset(out, 0, sizeof(*out));
	out->type = SOCK_STREAM;
	out->len = sizeof(out->at.un);
	out->at.un.sun_family = AF_UNIX;
	strcpy(out->at.un.sun_path, path);
	return true;
}

bool
endpoint_from_universal(
    struct endpoint *out, const char *universal, const struct endpoint *like)
{
	struct universal named;

	strcpy(named.netid, endpoint_netid(like));
	if (strlen(universal) >= sizeof(named.address))
		return false;
	strcpy(named.address, universal);
	return universal_resolve(out, &named) == 0;
}

/* Both families have the port in the same place; this says so. */
_Static_assert(offsetof(struct sockaddr_in, sin_port) ==
	offsetof(struct sockaddr_in6, sin6_port),
    "the port is elsewhere");

uint16_t
endpoint_port(const struct endpoint *endpoint)
{
	return ntohs(endpoint->at.in.sin_port);
}

void
endpoint_set_port(struct endpoint *endpoint, uint16_t port)
{
	endpoint->at.in.sin_port = htons(port);
}

bool
endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->type == b->type && a->len == b->len &&
	    memcmp(&a->at, &b->at, a->len) == 0;
}

const char *
endpoint_netid(const struct endpoint *endpoint)
{
	bool datagram = endpoint->type == SOCK_DGRAM;

	switch (endpoint->at.any.sa_family) {
	case AF_UNIX:
		return "local";
	case AF_INET6:
		return datagram ? "udp6" : "tcp6";
	default:
		return datagram ? "udp" : "tcp";
	}
}

char *
endpoint_text(const struct endpoint *endpoint, char out[ENDPOINT_TEXT_SIZE])
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (endpoint->at.any.sa_family == AF_UNIX)
		say_safely(out, ENDPOINT_TEXT_SIZE, endpoint->at.un.sun_path,
		    strlen(endpoint->at.un.sun_path));
	else if (getnameinfo(&endpoint->at.any, endpoint->len, host,
		     sizeof(host), port, sizeof(port),
		     NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		snprintf(out, ENDPOINT_TEXT_SIZE, "an address unknown here");
	else
		snprintf(out, ENDPOINT_TEXT_SIZE,
		    endpoint->at.any.sa_family == AF_INET6 ? "[%.80s]:%.8s"
							   : "%.80s:%.8s",
		    host, port);
	return out;
}
