/*
 * Listening sockets: connections come in here.
 *
 * A listener belongs to whoever opened it, and is in a list of theirs.  Who may
 * connect is for the owner of the net to say.
 */
#ifndef RPCLOOP_NET_LISTENER_H
#define RPCLOOP_NET_LISTENER_H

#include "rpcloop/net/address.h"
#include "rpcloop/net/net.h"
#include "rpcloop/net/socket_file.h"

struct listener {
	struct net *net;
	struct loop_item item;
	struct address address;  /* where it is bound, with the real port */
	struct socket_file file; /* that is, when it is a Unix socket */
	bool paused;             /* there are no descriptors: wait */
	unsigned int last;       /* taken by listener_accept_waiting() */
	TAILQ_ENTRY(listener) entry;
};

TAILQ_HEAD(listener_list, listener);

/*
 * Binds a TCP socket to the address and listens.  *out is the caller's, for
 * listener_free().  Returns 0 or a negative errno.  An IPv6 address takes no
 * IPv4 connections.
 */
int listener_open(
    struct listener **out, struct net *net, const struct address *address);

/*
 * Listens at a Unix socket of this path by socket_file_listen().  The file is
 * removed with the listener.  As above.
 */
int listener_open_file(struct listener **out, struct net *net, const char *path,
    const struct socket_file_access *access);

/* Closes it.  Accepts NULL and returns it. */
struct listener *listener_free(struct listener *l);

/*
 * Accepts connections that are in its queue, as many as a turn has time for.
 * Returns whether more may wait: called again and again, it does so until as
 * many have come as a queue may have, and no longer, since it may be fed.
 */
bool listener_accept_waiting(struct listener *l);

/*
 * Makes a connection of an accepted socket, unless the owner of the net says
 * no, and then closes it.  Takes *fd over, and sets it to -1, either way.
 */
void listener_admit(struct net *net, int *fd, const struct address *from);

/* Tries again after descriptors ran out. */
void listener_resume(struct listener *l);

#endif
