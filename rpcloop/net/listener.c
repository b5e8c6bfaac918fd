#include "rpcloop/net/listener.h"

#include "rpcloop/net/connection.h"
#include "rpcloop/serve/admission.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BACKLOG = 4096,    /* the kernel cuts it to its own limit */
	TURN_ACCEPTS = 64, /* in one turn, or established peers would wait */
};

static void
refuse(struct engine *e, const struct address *peer, const char *why)
{
	char text[ADDRESS_TEXT_SIZE];

	e->counters.refused++;
	log_info_limited(&e->log_limit, e->now_ms,
	    "connection refused: %s peer=%s limit=%u", why,
	    address_text(peer, text), e->limits.connections);
}

/* Takes the next connection off the queue; -1 and errno when there is none. */
static int
accept_one(struct listener *l, struct address *peer)
{
	int fd;

	*peer = (struct address){ .len = sizeof(peer->u) };
	fd = accept4(
	    l->fd, &peer->u.any, &peer->len, SOCK_CLOEXEC | SOCK_NONBLOCK);
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
	struct engine *e = l->engine;
	struct address peer;
	int fd;

	admission_evict(e);
	if (e->reserve_fd >= 0)
		close(e->reserve_fd);
	fd = accept_one(l, &peer);
	if (fd >= 0) {
		refuse(e, &peer, "out of descriptors");
		close(fd);
	}
	e->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || e->reserve_fd < 0) {
		event_del(&l->acceptable);
		l->paused = true;
	}
}

static void
admit(struct listener *l, int fd, const struct address *peer)
{
	struct engine *e = l->engine;
	struct connection *c;

	if (!admission_allows(e, peer))
		refuse(e, peer, "limit reached");
	else if (connection_new(&c, e, &fd, peer) < 0)
		refuse(e, peer, "out of memory");
	else
		e->counters.accepted++;
	if (fd >= 0)
		close(fd);
}

static void
on_acceptable(evutil_socket_t listening, short what, void *arg)
{
	struct listener *l = arg;
	struct address peer;
	int fd;

	(void)listening;
	(void)what;
	engine_tick(l->engine);
	for (int i = 0; i < TURN_ACCEPTS; i++) {
		fd = accept_one(l, &peer);
		if (fd >= 0) {
			admit(l, fd, &peer);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			refuse_without_descriptor(l);
		else if (errno == ECONNABORTED || errno == EINTR)
			continue;
		return;
	}
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

static void
free_listener(struct listener *l)
{
	socket_file_remove(&l->file);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

/* A listener with a socket that is not bound yet; 0 or a negative errno. */
static int
make_listener(struct listener **out, struct engine *e, int family)
{
	struct listener *l = calloc(1, sizeof(*l));
	int r;

	if (l == NULL)
		return -ENOMEM;
	l->engine = e;
	l->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0) {
		r = -errno;
		free_listener(l);
		return r;
	}
	*out = l;
	return 0;
}

/* Waits for connections. */
static int
start(struct listener *l)
{
	event_assign(&l->acceptable, l->engine->base, l->fd,
	    EV_READ | EV_PERSIST, on_acceptable, l);
	return event_add(&l->acceptable, NULL) < 0 ? -ENOMEM : 0;
}

/* Hands the listener to the engine, unless listening has failed. */
static int
finish(struct listener **out, struct listener *l, int listening)
{
	int r = listening == 0 ? start(l) : listening;

	if (r < 0) {
		free_listener(l);
		return r;
	}
	TAILQ_INSERT_TAIL(&l->engine->listeners, l, entry);
	if (out != NULL)
		*out = l;
	return 0;
}

int
listener_open(
    struct listener **out, struct engine *e, const struct address *address)
{
	struct listener *l;
	int r = make_listener(&l, e, address->u.any.sa_family);

	if (r < 0)
		return r;
	r = listen_at(l->fd, address);
	if (r == 0)
		r = address_of_socket(&l->address, l->fd);
	return finish(out, l, r);
}

int
listener_open_file(struct listener **out, struct engine *e, const char *path,
    const struct socket_file_access *access)
{
	struct listener *l;
	int r = make_listener(&l, e, AF_UNIX);

	if (r < 0)
		return r;
	l->address.u.any.sa_family = AF_UNIX;
	r = socket_file_listen(&l->file, l->fd, path, access, BACKLOG);
	return finish(out, l, r);
}

void
listener_accept_waiting(struct engine *e)
{
	struct listener *l;

	/* As long as the queue may be, and no longer: it may be fed. */
	for (int i = 0; i < BACKLOG / TURN_ACCEPTS; i++) {
		TAILQ_FOREACH (l, &e->listeners, entry)
			on_acceptable(l->fd, EV_READ, l);
	}
}

void
listener_close_all(struct engine *e)
{
	struct listener *l;

	while ((l = TAILQ_FIRST(&e->listeners)) != NULL) {
		TAILQ_REMOVE(&e->listeners, l, entry);
		event_del(&l->acceptable);
		free_listener(l);
	}
}

void
listener_resume_all(struct engine *e)
{
	struct listener *l;

	TAILQ_FOREACH (l, &e->listeners, entry) {
		if (!l->paused)
			continue;
		l->paused = event_add(&l->acceptable, NULL) < 0;
	}
}
