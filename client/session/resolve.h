/*
 * resolve: the addresses of a host, within a bounded time.
 */
#ifndef CLIENT_SESSION_RESOLVE_H
#define CLIENT_SESSION_RESOLVE_H

#include "client/session/watch.h"

#include <netdb.h>

/*
 * Looks a name or a numeric address up, in brackets or not.  *list is for
 * freeaddrinfo.  Returns 0, or an error of getaddrinfo(3): EAI_INTR stands for
 * what happened on the watch.
 */
int resolve(struct watch *watch, const char *host, int family, int type,
    struct addrinfo **list);

#endif
