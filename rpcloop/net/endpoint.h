/*
 * Where a server may be, and by which kind of socket: one face for addresses
 * of three families.
 *
 * Two endpoints are compared as bytes, so all that is not set is zero.
 */
#ifndef RPCLOOP_NET_ENDPOINT_H
#define RPCLOOP_NET_ENDPOINT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

/* What socket(2) and connect(2) want to know. */
struct endpoint {
	int type; /* SOCK_STREAM or SOCK_DGRAM */
	socklen_t len;
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} at;
};

/* An address of IPv4 or IPv6; false: it is of another family. */
bool endpoint_from_address(struct endpoint *out, int type,
    const struct sockaddr *address, socklen_t len);

/* A Unix socket; false: the path is empty, or too long for one. */
bool endpoint_from_path(struct endpoint *out, const char *path);

/* The port, of IPv4 or IPv6, in the order of the host. */
uint16_t endpoint_port(const struct endpoint *endpoint);
void endpoint_set_port(struct endpoint *endpoint, uint16_t port);

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

/* The netid (RFC 5665, section 5.1) of the transport. */
const char *endpoint_netid(const struct endpoint *endpoint);

#endif
