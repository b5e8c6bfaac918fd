#include "client/session/endpoint.h"

#include "base/printable.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

/* An address of IPv6 may end in the name of an interface, which may have
 * control characters. */
static void
address_text(const struct endpoint *endpoint, char *out, size_t size)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getnameinfo(&endpoint->at.any, endpoint->len, host, sizeof(host),
		port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		snprintf(out, size, "an address unknown here");
	else
		snprintf(out, size,
		    endpoint->at.any.sa_family == AF_INET6 ? "[%.80s]:%.8s"
							   : "%.80s:%.8s",
		    host, port);
}

char *
endpoint_text(const struct endpoint *endpoint, char out[ENDPOINT_TEXT_SIZE])
{
	const char *path = endpoint->at.un.sun_path;
	char address[ENDPOINT_TEXT_SIZE];

	if (endpoint->at.any.sa_family == AF_UNIX)
		return printable(out, ENDPOINT_TEXT_SIZE, path, strlen(path));
	address_text(endpoint, address, sizeof(address));
	return printable(out, ENDPOINT_TEXT_SIZE, address, strlen(address));
}
