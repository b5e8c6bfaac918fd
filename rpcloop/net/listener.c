#include "rpcloop/net/listener.h"

#include "base/base.h"
#include "rpcloop/net/pump.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BACKLOG = 4096,      /* the kernel cuts it to its own limit */
	TURN_ACCEPTS = 64,   /* in one turn, or established peers would wait */
	ACCEPT_BYTES = 4096, /* what one costs, as bytes of a turn */
};

static void
refuse(struct net *net, const struct address *from, const char *why)
{
	char text[ADDRESS_TEXT_SIZE];

	counter_add(&net->counters.refused, 1);
	log_info_limited(&net->log_limit, net->loop->now_ms,
	    "connection refused: %s peer=%s limit=%" PRIu64, why,
	    address_text(from, text), net->peers.all.most[CHARGE_CONNECTIONS]);
}

/* Takes the next connection off the queue; -1 and errno when there is none. */
static int
accept_one(struct listener *l, struct address *peer)
{
	int fd;

	*peer = (struct address){ .len = sizeof(peer->u) };
	fd = accept4(
	    l->item.fd, &peer->u.any, &peer->len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0 || peer->u.any.sa_family != AF_UNIX ||
	    address_of_user(peer, fd) == 0)
		return fd;
	close(fd);
	errno = ECONNABORTED;
	return -1;
}

/*
 * Without a descriptor for it a connection would stay in the queue and wake
 * the loop for ever.  The one in reserve serves to take it and to close it.
 */
static void
refuse_without_descriptor(struct listener *l)
{
	struct net *net = l->net;
	struct address from;
	int fd;

	net->ops->make_room(net);
	if (net->reserve_fd >= 0)
		close(net->reserve_fd);
	net->reserve_fd = -1;
	fd = accept_one(l, &from);
	if (fd >= 0) {
		refuse(net, &from, "out of descriptors");
		close(fd);
	}
	net_reserve(net);
	if (fd < 0 || net->reserve_fd < 0) {
		loop_want(&l->item, 0);
		l->paused = true;
	}
}

void
listener_admit(struct net *net, int *fd, const struct address *from)
{
	struct connection *c;

	if (!net->ops->admits(net, from))
		refuse(net, from, "limit reached");
	else if (pump_start(&c, net, fd, from) < 0)
		refuse(net, from, "out of memory");
	else
		counter_add(&net->counters.accepted, 1);
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A bounded number of them; the others are ready in the next turn again.
 * Returns how many there were. */
static unsigned int
accept_some(struct listener *l)
{
	struct loop *loop = l->net->loop;
	unsigned int taken = 0;
	struct address from;
	int fd;

	while (taken < TURN_ACCEPTS) {
		fd = accept_one(l, &from);
		if (fd >= 0) {
			l->net->ops->accepted(l->net, &fd, &from);
			taken++;
			loop_spend(loop, ACCEPT_BYTES);
			if (loop_is_spent(loop))
				break;
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			refuse_without_descriptor(l);
		else if (errno == ECONNABORTED || errno == EINTR)
			continue;
		break;
	}
	return taken;
}

static void
on_acceptable(struct loop_item *item, unsigned int reasons)
{
	struct listener *l = container_of(item, struct listener, item);

	if (reasons & LOOP_LOST)
		l->paused = true;
	else
		accept_some(l);
}

static int
listen_at(int fd, const struct address *address)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -errno;
	if (address->u.any.sa_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		return -errno;
	if (bind(fd, &address->u.any, address->len) < 0 ||
	    listen(fd, BACKLOG) < 0)
		return -errno;
	return 0;
}

struct listener *
listener_free(struct listener *l)
{
	if (l == NULL)
		return NULL;
	socket_file_remove(&l->file);
	loop_forget(&l->item);
	if (l->item.fd >= 0)
		close(l->item.fd);
	free(l);
	return NULL;
}

/* A listener with a socket that is not bound yet; 0 or a negative errno. */
static int
make_listener(struct listener **out, struct net *net, int family)
{
	struct listener *l = calloc(1, sizeof(*l));
	int fd, r;

	if (l == NULL)
		return -ENOMEM;
	fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	r = fd < 0 ? -errno : 0;
	l->net = net;
	loop_item_init(&l->item, net->loop, fd, on_acceptable, NULL);
	if (r < 0)
		l = listener_free(l);
	*out = l;
	return r;
}

/* Waits for connections, unless listening has failed. */
static int
finish(struct listener **out, struct listener *l, int listening)
{
	int r = listening;

	if (r == 0)
		r = loop_watch(&l->item, LOOP_READABLE);
	if (r < 0)
		l = listener_free(l);
	*out = l;
	return r;
}

int
listener_open(
    struct listener **out, struct net *net, const struct address *address)
{
	struct listener *l;
	int r = make_listener(&l, net, address->u.any.sa_family);

	if (r < 0)
		return r;
	r = listen_at(l->item.fd, address);
	if (r == 0)
		r = address_of_socket(&l->address, l->item.fd);
	return finish(out, l, r);
}

int
listener_open_file(struct listener **out, struct net *net, const char *path,
    const struct socket_file_access *access)
{
	struct listener *l;
	int r = make_listener(&l, net, AF_UNIX);

	if (r < 0)
		return r;
	l->address.u.any.sa_family = AF_UNIX;
	r = socket_file_listen(&l->file, l->item.fd, path, access, BACKLOG);
	return finish(out, l, r);
}

bool
listener_accept_waiting(struct listener *l)
{
	unsigned int taken = accept_some(l);

	l->last += taken;
	return taken > 0 && l->last < BACKLOG;
}

void
listener_resume(struct listener *l)
{
	if (l->paused)
		loop_want(&l->item, LOOP_READABLE);
	l->paused = false;
}
