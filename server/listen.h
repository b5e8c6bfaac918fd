/*
 * The addresses that the daemon serves, from its settings.
 */
#ifndef SERVER_LISTEN_H
#define SERVER_LISTEN_H

#include "server/settings.h"
#include "transport/engine.h"
#include "transport/registry.h"

/*
 * Opens a listener for each address of the settings, and notes the first one
 * of each netid in service, for the registration.  An address of IPv6 that is
 * not named but implied is left out where the system has no IPv6.
 * Returns 0, or a negative errno after logging which address failed and why.
 */
int listen_open(struct engine *e, const struct settings *settings,
    struct registry_service *service);

#endif
