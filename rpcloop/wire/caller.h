/*
 * A call message and its reply (RFC 5531, section 9), as a caller has them:
 * bytes out, bytes in.
 */
#ifndef RPCLOOP_WIRE_CALLER_H
#define RPCLOOP_WIRE_CALLER_H

#include "base/arena.h"

#include <rpc/rpc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct caller_call {
	uint32_t xid;
	uint32_t program;
	uint32_t version;
	uint32_t procedure;
	AUTH *auth;     /* borrowed */
	xdrproc_t args; /* encodes, or NULL: there are none */
	void *value;    /* of the arguments; borrowed */
};

/* Where a result goes. */
struct caller_result {
	AUTH *auth;          /* of the call; borrowed */
	xdrproc_t codec;     /* decodes, or NULL: there is none */
	void *value;         /* borrowed */
	struct arena *arena; /* or NULL: see caller_take_reply() */
};

/* Encodes the whole message.  False when it cannot be encoded. */
bool caller_put_call(XDR *xdrs, const struct caller_call *call);

/* Whether a message is a reply, and to which call. */
bool caller_is_reply(const uint8_t *message, size_t len, uint32_t *xid);

/*
 * Decodes a message that is a reply.  What became of the call is in *error, as
 * clnt_geterr(3) has it.  After RPC_SUCCESS the result, which was zeroed
 * before, is the caller's to xdr_free(); or, with an arena, it is borrowed from
 * that and the message.  After anything else there is nothing in it.
 */
void caller_take_reply(const uint8_t *message, size_t len,
    const struct caller_result *result, struct rpc_err *error);

#endif
