/*
 * Socket addresses, and their forms in text.
 *
 * A client at a Unix socket has no address: the user that it runs as, which
 * the kernel knows for certain, stands for one.
 */
#ifndef RPCLOOP_NET_ADDRESS_H
#define RPCLOOP_NET_ADDRESS_H

#include "base/hash.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Room for every text form below, with its NUL. */
#define ADDRESS_TEXT_SIZE 80

/* For the family AF_UNIX. */
struct address_user {
	sa_family_t family;
	uid_t uid;
	gid_t gid;
};

struct address {
	socklen_t len;
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct address_user user;
	} u;
};

/*
 * Reads a numeric IPv4 or IPv6 address, the latter also in brackets or with a
 * scope.  Returns 0 or -EINVAL.
 */
int address_parse(struct address *out, const char *text, uint16_t port);

/* Where a socket is bound; returns 0 or a negative errno. */
int address_of_socket(struct address *out, int fd);

/*
 * Who is at the other end of a connected Unix socket (SO_PEERCRED, unix(7)).
 * Returns 0 or a negative errno.
 */
int address_of_user(struct address *out, int fd);

/* For people and logs: 127.0.0.1:20726, [::1]:20726 or uid:1000.  Returns
 * out. */
char *address_text(const struct address *a, char out[ADDRESS_TEXT_SIZE]);

/*
 * The universal address (RFC 5665, section 5.2.3): the host, then the port
 * as two decimal octets, 127.0.0.1.80.246; empty for a user.  Returns out.
 */
char *address_universal(const struct address *a, char out[ADDRESS_TEXT_SIZE]);

/* Reads a universal address of IPv4 or IPv6; returns 0 or -EINVAL. */
int address_parse_universal(struct address *out, const char *text);

/*
 * The netid (RFC 5665, section 5.1) of a stream or datagram socket at this
 * address: "tcp", "tcp6", "udp", "udp6" or "local".
 */
const char *address_netid(const struct address *a, bool datagram);

bool address_is_loopback(const struct address *a);

/* True when both are of one peer (rpcloop/net/peer.h): of the same IPv4 host,
 * the same IPv6 /64 or the same user. */
bool address_same_peer(const struct address *a, const struct address *b);

/* The same number for all addresses of a peer, and for all ports of a host. */
uint64_t address_peer_hash(const struct address *a, const struct hash_key *key);
uint64_t address_host_hash(const struct address *a, const struct hash_key *key);

#endif
