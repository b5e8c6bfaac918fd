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

#include "client/session/session.h"

/*
 * Opens session->link.  Returns false when there is no server to be found, or
 * when something happened on the watch.  Either way session->tried lists what
 * was tried in vain.
 */
bool locate_server(struct session *session);

#endif
