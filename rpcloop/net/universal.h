/*
 * Where a program is served, in the words of rpcbind: a netid (RFC 5665,
 * section 5.1) and a universal address (section 5.2), which is a path where
 * the netid is "local".
 */
#ifndef RPCLOOP_NET_UNIVERSAL_H
#define RPCLOOP_NET_UNIVERSAL_H

#include "rpcloop/net/address.h"
#include "rpcloop/net/endpoint.h"

enum {
	UNIVERSAL_NETID_SIZE = 8,
	UNIVERSAL_ADDRESS_SIZE = 128, /* a path of a Unix socket, and more */
};

struct universal {
	char netid[UNIVERSAL_NETID_SIZE];
	char address[UNIVERSAL_ADDRESS_SIZE];
};

/* A socket of IPv4 or IPv6; a Unix socket, of at most 107 bytes. */
void universal_of_address(
    struct universal *out, const struct address *a, bool datagram);
void universal_of_path(struct universal *out, const char *path);

/* How to connect there, all that is not set being zero; 0, or -EINVAL for what
 * is not known here. */
int universal_resolve(struct endpoint *out, const struct universal *u);

/* The same, for a universal address that belongs to the netid of like. */
int universal_resolve_like(
    struct endpoint *out, const char *address, const struct endpoint *like);

#endif
