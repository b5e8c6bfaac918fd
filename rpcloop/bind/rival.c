#include "rpcloop/bind/rival.h"

#include "rpcloop/call/ping.h"

#include <string.h>

/* Of the same family.  Any address and a single one are the same as well. */
static bool
same_host(const struct address *a, const struct address *b)
{
	if (a->u.any.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&a->u.in6.sin6_addr) ||
		    IN6_IS_ADDR_UNSPECIFIED(&b->u.in6.sin6_addr) ||
		    IN6_ARE_ADDR_EQUAL(
			&a->u.in6.sin6_addr, &b->u.in6.sin6_addr);
	return a->u.in.sin_addr.s_addr == htonl(INADDR_ANY) ||
	    b->u.in.sin_addr.s_addr == htonl(INADDR_ANY) ||
	    a->u.in.sin_addr.s_addr == b->u.in.sin_addr.s_addr;
}

/*
 * True when nobody but this process can serve the entry's address: one port
 * cannot be bound to any address and to a single one by two processes, nor
 * can one path.
 */
static bool
is_own_address(const struct universal *entry, const struct universal *own)
{
	struct address there, here;

	if (strcmp(entry->address, own->address) == 0)
		return true;
	if (address_parse_universal(&there, entry->address) < 0 ||
	    address_parse_universal(&here, own->address) < 0 ||
	    there.u.any.sa_family != here.u.any.sa_family)
		return false;
	return same_host(&there, &here) &&
	    (here.u.any.sa_family == AF_INET6
		    ? there.u.in6.sin6_port == here.u.in6.sin6_port
		    : there.u.in.sin_port == here.u.in.sin_port);
}

bool
rival_answers(const struct universal *entry, const struct universal *own,
    rpcprog_t program, rpcvers_t version)
{
	struct endpoint there;

	return universal_resolve(&there, entry) == 0 &&
	    !is_own_address(entry, own) &&
	    ping_server(&there, program, version, RIVAL_MS);
}
