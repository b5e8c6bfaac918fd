#include "rpcloop/net/endpoint.h"

#include <stddef.h>
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
	/* Without a path it would be an abstract socket, of NULs. */
	if (path[0] == '\0' || strlen(path) >= sizeof(out->at.un.sun_path))
		return false;
	memset(out, 0, sizeof(*out));
	out->type = SOCK_STREAM;
	out->len = sizeof(out->at.un);
	out->at.un.sun_family = AF_UNIX;
	strcpy(out->at.un.sun_path, path);
	return true;
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
