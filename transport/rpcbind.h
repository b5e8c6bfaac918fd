/*
 * A conversation with the local rpcbind (RFC 1833, version 4 of RPCBIND), with
 * time limits of our own.
 */
#ifndef TRANSPORT_RPCBIND_H
#define TRANSPORT_RPCBIND_H

#include "transport/universal.h"

#include <rpc/rpc.h>
#include <rpc/rpcb_prot.h>
#include <stdbool.h>

struct rpcbind {
	CLIENT *client; /* NULL when not connected */
	int fd;         /* of the client, or -1; readable after a hang-up */
};

/* One entry of rpcbind's table. */
struct rpcbind_entry {
	struct universal at;
	char owner[64]; /* "superuser", "unknown" or a uid */
};

/* Connects to its local socket, from being disconnected.  Returns 0 or a
 * negative errno. */
int rpcbind_connect(struct rpcbind *rb);

/* May be called twice, and when not connected. */
void rpcbind_disconnect(struct rpcbind *rb);

/*
 * Looks an entry up.  Returns 0, -ENOENT when there is none, or another
 * negative errno when rpcbind did not answer; then disconnect.
 */
int rpcbind_lookup(struct rpcbind *rb, rpcprog_t program, rpcvers_t version,
    const char *netid, struct rpcbind_entry *out);

/* Make and remove an entry.  As above; -EEXIST and -EPERM when it said no. */
int rpcbind_set(struct rpcbind *rb, rpcprog_t program, rpcvers_t version,
    const struct universal *at);
int rpcbind_unset(struct rpcbind *rb, rpcprog_t program, rpcvers_t version,
    const char *netid);

#endif
