/*
 * The addresses that the daemon serves, from its settings.
 */
#ifndef SERVER_LISTEN_H
#define SERVER_LISTEN_H

#include "server/settings.h"
#include "transport/datagram.h"
#include "transport/engine.h"
#include "transport/registry.h"

/*
 * Opens a socket for each address of the settings, and notes the first one of
 * each netid in service, for the registration.  What is not named but implied
 * is left out where it cannot be: an address of IPv6 where the system has
 * none, and the Unix socket where there is no directory for it.
 * Returns 0, or a negative errno after logging which address failed and why.
 */
int listen_open(struct engine *e, const struct settings *settings,
    struct registry_service *service);

#endif
