#include "rpcloop/net/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
parse_v6(struct address *out, const char *text, uint16_t port)
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
	size_t len = strlen(text);
	char *scope;

	if (text[0] == '[' && len > 2 && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	scope = strchr(host, '%');
	if (scope != NULL)
		*scope++ = '\0';
	*out = (struct address){ .len = sizeof(out->u.in6) };
	out->u.in6.sin6_family = AF_INET6;
	out->u.in6.sin6_port = htons(port);
	if (inet_pton(AF_INET6, host, &out->u.in6.sin6_addr) != 1)
		return -EINVAL;
	if (scope != NULL) {
		out->u.in6.sin6_scope_id = if_nametoindex(scope);
		if (out->u.in6.sin6_scope_id == 0)
			return -EINVAL;
	}
	return 0;
}

int
address_parse(struct address *out, const char *text, uint16_t port)
{
	*out = (struct address){ .len = sizeof(out->u.in) };
	out->u.in.sin_family = AF_INET;
	out->u.in.sin_port = htons(port);
	if (inet_pton(AF_INET, text, &out->u.in.sin_addr) == 1)
		return 0;
	return parse_v6(out, text, port);
}

int
address_of_socket(struct address *out, int fd)
{
	*out = (struct address){ .len = sizeof(out->u) };
	if (getsockname(fd, &out->u.any, &out->len) < 0)
		return -errno;
	return 0;
}

int
address_of_user(struct address *out, int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return -errno;
	*out = (struct address){ .len = sizeof(out->u.user) };
	out->u.user.family = AF_UNIX;
	out->u.user.uid = who.uid;
	out->u.user.gid = who.gid;
	return 0;
}

/* Writes the numeric host and returns the port in host order. */
static uint16_t
split(const struct address *a, char host[INET6_ADDRSTRLEN])
{
	if (a->u.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &a->u.in.sin_addr, host, INET6_ADDRSTRLEN);
		return ntohs(a->u.in.sin_port);
	}
	if (a->u.any.sa_family == AF_INET6) {
		inet_ntop(
		    AF_INET6, &a->u.in6.sin6_addr, host, INET6_ADDRSTRLEN);
		return ntohs(a->u.in6.sin6_port);
	}
	strcpy(host, "unknown");
	return 0;
}

char *
address_text(const struct address *a, char out[ADDRESS_TEXT_SIZE])
{
	char host[INET6_ADDRSTRLEN];
	uint16_t port = split(a, host);

	if (a->u.any.sa_family == AF_UNIX)
		snprintf(out, ADDRESS_TEXT_SIZE, "uid:%u",
		    (unsigned int)a->u.user.uid);
	else if (a->u.any.sa_family == AF_INET6)
		snprintf(out, ADDRESS_TEXT_SIZE, "[%s]:%u", host,
		    (unsigned int)port);
	else
		snprintf(
		    out, ADDRESS_TEXT_SIZE, "%s:%u", host, (unsigned int)port);
	return out;
}

char *
address_universal(const struct address *a, char out[ADDRESS_TEXT_SIZE])
{
	char host[INET6_ADDRSTRLEN];
	uint16_t port = split(a, host);

	if (a->u.any.sa_family == AF_UNIX)
		out[0] = '\0';
	else
		snprintf(out, ADDRESS_TEXT_SIZE, "%s.%u.%u", host,
		    (unsigned int)port >> 8, (unsigned int)port & 0xff);
	return out;
}

/* Reads ".N" with N in 0..255 from the end of text and cuts it off. */
static int
cut_octet(char *text, unsigned int *octet)
{
	char *dot = strrchr(text, '.');
	char *end;
	unsigned long n;

	if (dot == NULL || dot[1] < '0' || dot[1] > '9')
		return -EINVAL;
	n = strtoul(dot + 1, &end, 10);
	if (*end != '\0' || n > 255)
		return -EINVAL;
	*octet = (unsigned int)n;
	*dot = '\0';
	return 0;
}

int
address_parse_universal(struct address *out, const char *text)
{
	char host[ADDRESS_TEXT_SIZE];
	unsigned int high, low;

	if (strlen(text) >= sizeof(host))
		return -EINVAL;
	strcpy(host, text);
	if (cut_octet(host, &low) < 0 || cut_octet(host, &high) < 0)
		return -EINVAL;
	return address_parse(out, host, (uint16_t)(high << 8 | low));
}

const char *
address_netid(const struct address *a, bool datagram)
{
	if (a->u.any.sa_family == AF_UNIX)
		return "local";
	if (a->u.any.sa_family == AF_INET6)
		return datagram ? "udp6" : "tcp6";
	return datagram ? "udp" : "tcp";
}

bool
address_is_loopback(const struct address *a)
{
	if (a->u.any.sa_family == AF_INET)
		return ntohl(a->u.in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return a->u.any.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_LOOPBACK(&a->u.in6.sin6_addr);
}

/* A family, and as many bytes of the address as count. */
struct identity {
	uint32_t family;
	uint8_t bytes[16];
};

/* What a peer's addresses have in common, and a host's. */
enum { PEER_V6_BYTES = 8, HOST_V6_BYTES = 16 };

static struct identity
identity_of(const struct address *a, size_t v6_bytes)
{
	struct identity id = { .family = a->u.any.sa_family };

	if (a->u.any.sa_family == AF_INET)
		memcpy(id.bytes, &a->u.in.sin_addr, 4);
	else if (a->u.any.sa_family == AF_INET6)
		memcpy(id.bytes, &a->u.in6.sin6_addr, v6_bytes);
	else if (a->u.any.sa_family == AF_UNIX)
		memcpy(id.bytes, &a->u.user.uid, sizeof(a->u.user.uid));
	return id;
}

bool
address_same_peer(const struct address *a, const struct address *b)
{
	struct identity x = identity_of(a, PEER_V6_BYTES);
	struct identity y = identity_of(b, PEER_V6_BYTES);

	return memcmp(&x, &y, sizeof(x)) == 0;
}

uint64_t
address_peer_hash(const struct address *a, const struct hash_key *key)
{
	struct identity id = identity_of(a, PEER_V6_BYTES);

	return hash_bytes(key, &id, sizeof(id));
}

uint64_t
address_host_hash(const struct address *a, const struct hash_key *key)
{
	struct identity id = identity_of(a, HOST_V6_BYTES);

	return hash_bytes(key, &id, sizeof(id));
}
