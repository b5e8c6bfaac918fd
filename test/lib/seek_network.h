/*
 * The network of test/lib/seek, to be included by the one source of a program:
 * what takes the place of the C library's functions may not be in an archive,
 * where any test that connects would find it.
 */
#ifndef TEST_LIB_SEEK_NETWORK_H
#define TEST_LIB_SEEK_NETWORK_H

#include "test/lib/seek.h"

#include <netdb.h>

int
connect(int fd, const struct sockaddr *address, socklen_t len)
{
	return seek_connect(fd, address, len);
}

int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
    struct addrinfo **list)
{
	return seek_getaddrinfo(host, port, hints, list);
}

#endif
