/*
 * link: a libtirpc client handle on a socket of ours.
 *
 * clnt_create would resolve, ask rpcbind and connect in one go, with timeouts
 * of its own and, for root, a reserved port.  Here the socket is made and
 * connected first, within a bounded time, and the handle put on it.
 *
 * After any failure of a call the link is of no more use: libtirpc's handle
 * would take a late reply for the next call's.
 */
#ifndef CLIENT_SESSION_LINK_H
#define CLIENT_SESSION_LINK_H

#include "client/session/endpoint.h"
#include "client/session/procedure.h"
#include "client/session/watch.h"

#include <rpc/rpc.h>
#include <stdint.h>

struct link {
	CLIENT *handle; /* NULL while there is no connection */
	int fd;
	struct endpoint peer;
};

/* How a call went. */
struct link_call {
	enum clnt_stat status; /* RPC_TIMEDOUT also when the watch ended it */
	struct rpc_err error;  /* the details, when status is not success */
	uint32_t xid;
	size_t call_bytes;  /* of the call message (RFC 5531, section 9) */
	size_t reply_bytes; /* of the reply message; 0 without success */
	uint64_t microseconds;
};

/*
 * Connects to the program at an endpoint; it must answer within these
 * milliseconds.  A datagram link is connected as soon as it is made.
 * Returns 0, -ETIMEDOUT, -EINTR or another negative errno.
 */
int link_open(struct link *link, struct watch *watch, const struct endpoint *to,
    rpcprog_t program, rpcvers_t vers, uint64_t milliseconds);

void link_close(struct link *link);

/*
 * Calls carry the user of this process as AUTH_SYS (RFC 5531, appendix A)
 * from now on.  Returns 0 or -ENOMEM.
 */
int link_identify(struct link *link);

/*
 * Makes one call, which ends at the watch's deadline or after these
 * milliseconds.  result is zeroed first, and is the caller's to free after
 * success; after a failure there is nothing in it.
 */
void link_call(struct link *link, struct watch *watch, uint64_t milliseconds,
    const struct procedure *procedure, void *args, void *result,
    struct link_call *how);

/* What became of a call that did not succeed, in a few words. */
const char *link_call_words(const struct link_call *how);

/* Shows a call that was made, as --trace asks for. */
void link_trace(const struct link *link, const struct procedure *procedure,
    const struct link_call *how);

#endif
