/*
 * locate: finds the server that the settings mean, and connects to it.
 *
 * A Unix socket and a port are taken as they are given.  Otherwise rpcbind is
 * asked at every address of the host, and where it is answered the server is
 * tried at that address and then at the one rpcbind names; the last resort is
 * the default port of reverse at every address, or the Unix socket that a
 * daemon at this port has in the runtime directory of root or of this user.
 */
#ifndef CLIENT_SESSION_LOCATE_H
#define CLIENT_SESSION_LOCATE_H

#include "client/session/link.h"
#include "client/settings.h"

/*
 * Opens the link, which is closed before.  Returns false when there is no
 * server to be found, or when something happened on the watch.  Either way
 * tried has a line for each attempt in vain, begun anew.
 */
bool locate_server(const struct settings *settings, struct watch *watch,
    struct link *link, struct say_lines *tried);

#endif
