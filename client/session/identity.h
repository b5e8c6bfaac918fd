/*
 * identity: the user of this process, as AUTH_SYS (RFC 5531, appendix A).
 */
#ifndef CLIENT_SESSION_IDENTITY_H
#define CLIENT_SESSION_IDENTITY_H

#include <rpc/rpc.h>

/* A credential, for auth_destroy(3).  Returns 0 or -ENOMEM. */
int identity_new(AUTH **out);

#endif
