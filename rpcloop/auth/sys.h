/*
 * AUTH_SYS credentials (RFC 5531, appendix A).
 */
#ifndef RPCLOOP_AUTH_SYS_H
#define RPCLOOP_AUTH_SYS_H

#include "rpcloop/wire/header.h"

#include <rpc/rpc.h>
#include <stdbool.h>

enum {
	CREDENTIAL_MACHINE_MAX = 255,
	CREDENTIAL_GROUPS_MAX = 16,
};

/* What procedures of libtirpc expect behind rq_clntcred, and its storage. */
struct sys_credential {
	struct authunix_parms parms;
	char machine[CREDENTIAL_MACHINE_MAX + 1];
	gid_t groups[CREDENTIAL_GROUPS_MAX];
};

/*
 * Decodes a credential of flavor AUTH_SYS, which must be exactly one.  The
 * pointers in out->parms point into out.  Returns false when it is malformed.
 */
bool credential_decode_sys(
    struct sys_credential *out, const struct header_auth *auth);

#endif
