#include "rpcloop/net/universal.h"

#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void
universal_of_address(
    struct universal *out, const struct address *a, bool datagram)
{
	strcpy(out->netid, address_netid(a, datagram));
	address_universal(a, out->address);
}

void
universal_of_path(struct universal *out, const char *path)
{
	strcpy(out->netid, "local");
	snprintf(out->address, sizeof(out->address), "%s", path);
}

int
universal_resolve(struct endpoint *out, const struct universal *u)
{
	static const struct {
		const char *netid;
		int family;
		int type;
	} kinds[] = {
		{ "tcp", AF_INET, SOCK_STREAM },
		{ "tcp6", AF_INET6, SOCK_STREAM },
		{ "udp", AF_INET, SOCK_DGRAM },
		{ "udp6", AF_INET6, SOCK_DGRAM },
	};
	struct address a;

	memset(out, 0, sizeof(*out));
	if (strcmp(u->netid, "local") == 0)
		return endpoint_from_path(out, u->address) ? 0 : -EINVAL;
	if (address_parse_universal(&a, u->address) < 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i].netid, u->netid) != 0 ||
		    kinds[i].family != a.u.any.sa_family)
			continue;
		out->type = kinds[i].type;
		out->len = a.len;
		memcpy(&out->at, &a.u, a.len);
		return 0;
	}
	return -EINVAL;
}

int
universal_resolve_like(
    struct endpoint *out, const char *address, const struct endpoint *like)
{
	struct universal u;

	if (strlen(address) >= sizeof(u.address))
		return -EINVAL;
	strcpy(u.netid, endpoint_netid(like));
	strcpy(u.address, address);
	return universal_resolve(out, &u);
}
