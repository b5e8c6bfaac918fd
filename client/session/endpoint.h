/*
 * endpoint: where a server may be, as people read it.
 */
#ifndef CLIENT_SESSION_ENDPOINT_H
#define CLIENT_SESSION_ENDPOINT_H

#include "rpcloop/net/endpoint.h"

/* Room for an endpoint as people read it, with its NUL: a path of a Unix
 * socket, every byte of it escaped. */
#define ENDPOINT_TEXT_SIZE (4 * sizeof(((struct sockaddr_un *)0)->sun_path) + 1)

/*
 * 127.0.0.1:20726, [::1]:20726 or a path, of which a terminal may show all;
 * returns out.
 */
char *endpoint_text(
    const struct endpoint *endpoint, char out[ENDPOINT_TEXT_SIZE]);

#endif
