/*
 * The addresses that the daemon serves, from its settings.
 */
#ifndef SERVER_LISTEN_H
#define SERVER_LISTEN_H

#include "rpcloop/bind/registry.h"
#include "rpcloop/net/socket_file.h"
#include "rpcloop/serve/engine.h"
#include "server/settings.h"

/* As many as the daemon removes Unix sockets from at its end. */
enum { LISTEN_FOLDERS_MAX = 16 };

/*
 * Opens a socket for each address of the settings, and notes the first one of
 * each netid in service, for the registration.  What is not named but implied
 * is left out where it cannot be: an address of IPv6 where the system has
 * none, and the Unix socket where there is no directory for it.
 * Returns 0, or a negative errno after logging which address failed and why.
 */
int listen_open(struct engine *e, const struct settings *settings,
    struct registry_service *service);

/* The folders of the Unix sockets; returns how many. */
size_t listen_folders(const struct engine *e,
    char folders[LISTEN_FOLDERS_MAX][SOCKET_FILE_PATH_SIZE]);

#endif
