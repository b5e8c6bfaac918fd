#include "rpcloop/call/belongs.h"

#include <ifaddrs.h>
#include <string.h>

/* The bytes of its address, in the order of the network. */
struct bytes {
	const uint8_t *at;
	size_t len;
};

static struct bytes
bytes_of(const struct sockaddr *a)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)a;
	const struct sockaddr_in *in = (const struct sockaddr_in *)a;

	if (a->sa_family == AF_INET)
		return (struct bytes){ (const uint8_t *)&in->sin_addr,
			sizeof(in->sin_addr) };
	return (struct bytes){ in6->sin6_addr.s6_addr, sizeof(in6->sin6_addr) };
}

static bool
is_network(const struct sockaddr *a)
{
	return a->sa_family == AF_INET || a->sa_family == AF_INET6;
}

static bool
same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	struct bytes x = bytes_of(a), y = bytes_of(b);

	return x.len == y.len && memcmp(x.at, y.at, x.len) == 0;
}

static bool
is_unspecified(const struct sockaddr *a)
{
	static const uint8_t zeros[sizeof(struct in6_addr)];
	struct bytes x = bytes_of(a);

	return memcmp(x.at, zeros, x.len) == 0;
}

static bool
is_loopback(const struct sockaddr *a)
{
	struct bytes x = bytes_of(a);

	if (x.len == sizeof(struct in_addr))
		return x.at[0] == IN_LOOPBACKNET;
	return memcmp(x.at, &in6addr_loopback, x.len) == 0;
}

static void
take_scope(struct endpoint *to, const struct sockaddr *from)
{
	if (to->at.any.sa_family == AF_INET6 && from->sa_family == AF_INET6)
		to->at.in6.sin6_scope_id =
		    ((const struct sockaddr_in6 *)from)->sin6_scope_id;
}

/* An interface has it. */
static bool
is_of_interface(struct endpoint *endpoint)
{
	struct ifaddrs *list, *at;
	bool found = false;

	if (getifaddrs(&list) != 0)
		return false;
	for (at = list; at != NULL && !found; at = at->ifa_next) {
		if (at->ifa_addr == NULL || !is_network(at->ifa_addr))
			continue;
		found = same_address(at->ifa_addr, &endpoint->at.any);
		if (found)
			take_scope(endpoint, at->ifa_addr);
	}
	freeifaddrs(list);
	return found;
}

static bool
is_own(struct endpoint *endpoint)
{
	return is_loopback(&endpoint->at.any) || is_of_interface(endpoint);
}

bool
belongs_to_host(struct endpoint *named, const struct endpoint *asked,
    const struct endpoint *addresses, size_t count)
{
	struct endpoint here = *asked;

	if (!is_network(&named->at.any) || !is_network(&asked->at.any))
		return named->at.any.sa_family == asked->at.any.sa_family;
	if (is_unspecified(&named->at.any))
		return false;
	for (size_t i = 0; i < count; i++)
		if (same_address(&addresses[i].at.any, &named->at.any)) {
			take_scope(named, &addresses[i].at.any);
			return true;
		}
	/* Whoever connects to 0.0.0.0 is at this machine, too. */
	return (is_unspecified(&here.at.any) || is_own(&here)) && is_own(named);
}
