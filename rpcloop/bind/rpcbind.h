/*
 * A conversation with the local rpcbind (RFC 1833, version 4 of RPCBIND), with
 * time limits of our own.
 */
#ifndef RPCLOOP_BIND_RPCBIND_H
#define RPCLOOP_BIND_RPCBIND_H

#include "rpcloop/net/universal.h"

#include <rpc/rpc.h>
#include <rpc/rpcb_prot.h>
#include <stdbool.h>

struct rpcbind {
	CLIENT *client; /* NULL when not connected */
	int fd;         /* of the client, or -1; readable after a hang-up */
	uint64_t deadline_ms; /* of base/clock, for all calls; the user's */
	rpcblist *table;      /* as the last rpcbind_dump() found it, or NULL */
};

/*
 * One entry of rpcbind's table.  Anybody on this host may have made it, with
 * any bytes as its address.
 */
struct rpcbind_entry {
	struct universal at; /* the address is empty if it is longer */
	char text[256];      /* the address for the log: log_escape() */
	char owner[64];      /* "superuser", "unknown" or a uid; as text */
};

/* Connects to its local socket, from being disconnected.  Returns 0 or a
 * negative errno. */
int rpcbind_connect(struct rpcbind *rb);

/* May be called twice, and when not connected. */
void rpcbind_disconnect(struct rpcbind *rb);

/*
 * Fetches the whole table.  Returns 0, or a negative errno when rpcbind did not
 * answer in five seconds or by the deadline; then disconnect.
 */
int rpcbind_dump(struct rpcbind *rb);

/* Looks an entry up in the table that was fetched. */
bool rpcbind_find(const struct rpcbind *rb, rpcprog_t program,
    rpcvers_t version, const char *netid, struct rpcbind_entry *out);

/* Make and remove an entry; the table fetched before stays as it was.  Return
 * as rpcbind_dump(), and -EEXIST and -EPERM when rpcbind said no. */
int rpcbind_set(struct rpcbind *rb, rpcprog_t program, rpcvers_t version,
    const struct universal *at);
int rpcbind_unset(struct rpcbind *rb, rpcprog_t program, rpcvers_t version,
    const char *netid);

#endif
