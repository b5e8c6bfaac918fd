/*
 * The registration with rpcbind (RFC 1833): keeps one program and version
 * registered for as long as the process serves it.
 *
 * A thread of its own speaks to rpcbind over its local socket, so that an
 * rpcbind that hangs delays nobody, and holds the connection open: when it
 * ends, rpcbind was restarted and may have forgotten the program, which is
 * then registered again.  With no rpcbind it tries once a second until there
 * is one.
 *
 * An entry that is in the way is replaced when it is this user's and no server
 * answers at its address.
 */
#ifndef RPCLOOP_BIND_REGISTRY_H
#define RPCLOOP_BIND_REGISTRY_H

#include "rpcloop/net/universal.h"

#include <rpc/rpc.h>

enum { REGISTRY_ENTRIES_MAX = 8 };

/* Outcomes of an attempt to register, beside 0 and a negative errno. */
enum registry_result {
	REGISTRY_REGISTERED = 0,
	REGISTRY_ABSENT = 1, /* rpcbind cannot be reached, or does not answer
				in time */
	REGISTRY_SERVED,     /* another server answers at the entry's address */
	REGISTRY_FOREIGN,    /* the entry belongs to another user */
	REGISTRY_REFUSED,    /* rpcbind said no */
};

struct registry_service {
	rpcprog_t program;
	rpcvers_t version;
	/* Where it is served, one for each netid. */
	struct universal entries[REGISTRY_ENTRIES_MAX];
	size_t count;
};

struct registry;

/*
 * Registers, and starts the thread that keeps it so; also after
 * REGISTRY_ABSENT.  With any other outcome nothing is started, *out is NULL
 * and why says what is in the way and what to do about it.  Blocks for a few
 * seconds at most: what an rpcbind does not answer by then is left to the
 * thread.  The process should have dropped its privileges before: an entry
 * belongs to the user that made it.
 */
int registry_start(struct registry **out,
    const struct registry_service *service, char *why, size_t size);

/* Begins to take the entries back; returns at once.  NULL is allowed. */
void registry_retire(struct registry *r);

/*
 * As above, waits for it two seconds, in which an rpcbind that does not hang
 * has done it, or as much longer as a server is being pinged, and frees.
 * Returns NULL.
 */
struct registry *registry_free(struct registry *r);

#endif
