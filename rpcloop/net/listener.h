/*
 * Listening sockets: connections come in here.
 */
#ifndef RPCLOOP_NET_LISTENER_H
#define RPCLOOP_NET_LISTENER_H

#include "rpcloop/net/address.h"
#include "rpcloop/net/socket_file.h"
#include "rpcloop/serve/engine.h"

struct listener {
	struct engine *engine;
	int fd;
	struct address address;  /* where it is bound, with the real port */
	struct socket_file file; /* that is, when it is a Unix socket */
	struct event acceptable;
	bool paused; /* there are no descriptors: wait */
	TAILQ_ENTRY(listener) entry;
};

/*
 * Binds a TCP socket to the address and listens.  The engine owns the
 * listener; *out is borrowed and may be NULL.  Returns 0 or a negative errno.
 * An IPv6 address takes no IPv4 connections.
 */
int listener_open(
    struct listener **out, struct engine *e, const struct address *address);

/*
 * Listens at a Unix socket of this path by socket_file_listen().  The file is
 * removed with the listener.  As above.
 */
int listener_open_file(struct listener **out, struct engine *e,
    const char *path, const struct socket_file_access *access);

/* For the engine: accepts the connections that are in the queues. */
void listener_accept_waiting(struct engine *e);

/* For the engine: closes all, or tries again after descriptors ran out. */
void listener_close_all(struct engine *e);
void listener_resume_all(struct engine *e);

#endif
