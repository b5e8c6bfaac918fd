#include "transport/rpcbind.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	CALL_SECONDS = 5,  /* for rpcbind to answer */
	PING_SECONDS = 2,  /* for a server to answer */
};

static const struct timeval call_time = { CALL_SECONDS, 0 };
static const struct timeval ping_time = { PING_SECONDS, 0 };

/* Encodes or decodes no arguments and no result. */
static bool_t
nothing(XDR *xdrs, ...)
{
	(void)xdrs;
	return TRUE;
}

static bool
set_blocking(int fd)
{
	/* A new socket has no other flags that matter. */
	return fcntl(fd, F_SETFL, O_RDWR) == 0;
}

/* A connected, blocking socket; or a negative errno after at most 2 s. */
static int
connect_socket(const struct sockaddr *address, socklen_t len)
{
	struct pollfd wait;
	int error = 0;
	socklen_t size = sizeof(error);
	int fd;

	fd = socket(address->sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, address, len) < 0)
		error = errno;
	if (error == EINPROGRESS) {
		wait = (struct pollfd){ .fd = fd, .events = POLLOUT };
		if (poll(&wait, 1, PING_SECONDS * 1000) != 1)
			error = ETIMEDOUT;
		else
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	}
	if (error == 0 && !set_blocking(fd))
		error = errno;
	if (error == 0)
		return fd;
	close(fd);
	return -error;
}

/* The client owns the descriptor when this succeeds. */
static CLIENT *
make_client(int fd, const struct sockaddr *address, socklen_t len,
    rpcprog_t program, rpcvers_t version)
{
	struct netbuf server = {
		.buf = (void *)(uintptr_t)address,
		.len = len,
		.maxlen = len,
	};
	CLIENT *client = clnt_vc_create(fd, &server, program, version, 0, 0);

	if (client != NULL)
		clnt_control(client, CLSET_FD_CLOSE, NULL);
	return client;
}

int
rpcbind_connect(struct rpcbind *rb)
{
	struct sockaddr_un address = {
		.sun_family = AF_UNIX,
		.sun_path = _PATH_RPCBINDSOCK,
	};
	const struct sockaddr *any = (const struct sockaddr *)&address;

	rb->client = NULL;
	rb->fd = connect_socket(any, sizeof(address));
	if (rb->fd < 0)
		return rb->fd;
	rb->client =
	    make_client(rb->fd, any, sizeof(address), RPCBPROG, RPCBVERS4);
	if (rb->client != NULL)
		return 0;
	close(rb->fd);
	return -ENOMEM;
}

void
rpcbind_disconnect(struct rpcbind *rb)
{
	if (rb->client != NULL)
		clnt_destroy(rb->client);
	rb->client = NULL;
	rb->fd = -1;
}

static int
call(struct rpcbind *rb, rpcproc_t procedure, xdrproc_t encode, void *arg,
    xdrproc_t decode, void *result)
{
	enum clnt_stat status = clnt_call(rb->client, procedure, encode, arg,
	    decode, result, call_time);

	if (status == RPC_SUCCESS)
		return 0;
	return status == RPC_TIMEDOUT ? -ETIMEDOUT : -EIO;
}

static void
copy_entry(struct rpcbind_entry *out, const struct rpcb *from)
{
	snprintf(out->address, sizeof(out->address), "%s", from->r_addr);
	snprintf(out->owner, sizeof(out->owner), "%s", from->r_owner);
}

int
rpcbind_lookup(struct rpcbind *rb, rpcprog_t program, rpcvers_t version,
    const char *netid, struct rpcbind_entry *out)
{
	rpcblist *all = NULL;
	int r;

	/* Only the dump tells the owner. */
	r = call(rb, RPCBPROC_DUMP, nothing, NULL,
	    (xdrproc_t)xdr_rpcblist_ptr, (void *)&all);
	if (r < 0)
		return r;
	r = -ENOENT;
	for (const rpcblist *at = all; at != NULL; at = at->rpcb_next) {
		const struct rpcb *entry = &at->rpcb_map;

		if (entry->r_prog != program || entry->r_vers != version ||
		    strcmp(entry->r_netid, netid) != 0)
			continue;
		copy_entry(out, entry);
		r = 0;
		break;
	}
	xdr_free((xdrproc_t)xdr_rpcblist_ptr, &all);
	return r;
}

/* rpcbind finds the owner out for itself, by the socket. */
static int
change(struct rpcbind *rb, rpcproc_t procedure, rpcprog_t program,
    rpcvers_t version, const char *netid, const char *address)
{
	struct rpcb entry = {
		.r_prog = program,
		.r_vers = version,
		.r_netid = (char *)(uintptr_t)netid,
		.r_addr = (char *)(uintptr_t)address,
		.r_owner = (char *)(uintptr_t)"",
	};
	bool_t done = FALSE;
	int r;

	r = call(rb, procedure, (xdrproc_t)xdr_rpcb, &entry,
	    (xdrproc_t)xdr_bool, &done);
	if (r < 0 || done)
		return r;
	return procedure == RPCBPROC_SET ? -EEXIST : -EPERM;
}

int
rpcbind_set(struct rpcbind *rb, rpcprog_t program, rpcvers_t version,
    const char *netid, const char *address)
{
	return change(rb, RPCBPROC_SET, program, version, netid, address);
}

int
rpcbind_unset(struct rpcbind *rb, rpcprog_t program, rpcvers_t version,
    const char *netid)
{
	return change(rb, RPCBPROC_UNSET, program, version, netid, "");
}

bool
rpcbind_ping(
    const struct address *address, rpcprog_t program, rpcvers_t version)
{
	enum clnt_stat status;
	CLIENT *client;
	int fd;

	fd = connect_socket(&address->u.any, address->len);
	if (fd < 0)
		return false;
	client = make_client(
	    fd, &address->u.any, address->len, program, version);
	if (client == NULL) {
		close(fd);
		return false;
	}
	status = clnt_call(
	    client, NULLPROC, nothing, NULL, nothing, NULL, ping_time);
	clnt_destroy(client);
	return status == RPC_SUCCESS;
}
