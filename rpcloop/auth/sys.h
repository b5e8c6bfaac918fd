/*
 * AUTH_SYS (RFC 5531, appendix A): who a caller says it is.
 */
#ifndef RPCLOOP_AUTH_SYS_H
#define RPCLOOP_AUTH_SYS_H

#include "rpcloop/net/address.h"
#include "rpcloop/wire/header.h"

#include <rpc/rpc.h>
#include <stdbool.h>

enum {
	SYS_MACHINE_MAX = 255,
	SYS_GROUPS_MAX = 16,
};

/* What procedures of libtirpc expect at rq_clntcred, and its storage. */
struct sys_credential {
	struct authunix_parms parms;
	char machine[SYS_MACHINE_MAX + 1];
	gid_t groups[SYS_GROUPS_MAX];
};

/*
 * Decodes a credential of flavor AUTH_SYS, which must be exactly one.  The
 * pointers in out->parms point into out.  Returns false when it is malformed.
 */
bool sys_decode(struct sys_credential *out, const struct header_auth *auth);

/*
 * As whom the credential of a call from an address counts: AUTH_OK, with that
 * in out, or why it is denied.  At a Unix socket the kernel knows the user,
 * whatever the call claims.
 */
enum auth_stat sys_authenticate(struct sys_credential *out,
    const struct header_auth *auth, const struct address *from);

#endif
