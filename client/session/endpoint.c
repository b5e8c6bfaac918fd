#include "client/session/endpoint.h"

#include "client/terminal/say.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

char *
endpoint_text(const struct endpoint *endpoint, char out[ENDPOINT_TEXT_SIZE])
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (endpoint->at.any.sa_family == AF_UNIX)
		say_safely(out, ENDPOINT_TEXT_SIZE, endpoint->at.un.sun_path,
		    strlen(endpoint->at.un.sun_path));
	else if (getnameinfo(&endpoint->at.any, endpoint->len, host,
		     sizeof(host), port, sizeof(port),
		     NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		snprintf(out, ENDPOINT_TEXT_SIZE, "an address unknown here");
	else
		snprintf(out, ENDPOINT_TEXT_SIZE,
		    endpoint->at.any.sa_family == AF_INET6 ? "[%.80s]:%.8s"
							   : "%.80s:%.8s",
		    host, port);
	return out;
}
