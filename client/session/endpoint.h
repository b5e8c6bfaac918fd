/*
 * endpoint: where a server may be, and by which transport.
 */
#ifndef CLIENT_SESSION_ENDPOINT_H
#define CLIENT_SESSION_ENDPOINT_H

#include "rpcloop/net/universal.h"

#include <stdbool.h>
#include <stdint.h>

/* Room for an endpoint as people read it, with its NUL: a path of a Unix
 * socket, every byte of it escaped. */
#define ENDPOINT_TEXT_SIZE (4 * sizeof(((struct sockaddr_un *)0)->sun_path) + 1)

/* An address as getaddrinfo gives it; false: of a family unknown here. */
bool endpoint_from_address(struct endpoint *out, int type,
    const struct sockaddr *address, socklen_t len);

/* A Unix socket; false: the path is too long for one. */
bool endpoint_from_path(struct endpoint *out, const char *path);

/*
 * A universal address (RFC 5665, section 5.2.3) of the kind of like: the port
 * or path it names, and the host.  false: it is not of that form.
 */
bool endpoint_from_universal(
    struct endpoint *out, const char *universal, const struct endpoint *like);

uint16_t endpoint_port(const struct endpoint *endpoint);
void endpoint_set_port(struct endpoint *endpoint, uint16_t port);

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

/* The netid (RFC 5665, section 5.1) of the transport. */
const char *endpoint_netid(const struct endpoint *endpoint);

/*
 * 127.0.0.1:20726, [::1]:20726 or a path, of which a terminal may show all;
 * returns out.
 */
char *endpoint_text(
    const struct endpoint *endpoint, char out[ENDPOINT_TEXT_SIZE]);

#endif
