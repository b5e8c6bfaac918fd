#include "rpcloop/bind/rpcbind.h"

#include "base/base.h"
#include "base/clock.h"
#include "base/log.h"
#include "rpcloop/wire/xdr.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* For rpcbind to answer. */
#define CALL_MS 5000

/* A connected, blocking socket, or a negative errno: at once either way. */
static int
connect_local(const struct sockaddr_un *address)
{
	int r = 0;
	int fd;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* A new socket has no other flags that matter. */
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) <
		0 ||
	    fcntl(fd, F_SETFL, O_RDWR) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int
rpcbind_connect(struct rpcbind *rb)
{
	struct sockaddr_un address = {
		.sun_family = AF_UNIX,
		.sun_path = _PATH_RPCBINDSOCK,
	};
	struct netbuf server = {
		.buf = &address,
		.len = sizeof(address),
		.maxlen = sizeof(address),
	};
	int fd = connect_local(&address);

	if (fd < 0)
		return fd;
	rb->client = clnt_vc_create(fd, &server, RPCBPROG, RPCBVERS4, 0, 0);
	if (rb->client == NULL) {
		close(fd);
		return -ENOMEM;
	}
	/* The client owns the descriptor. */
	clnt_control(rb->client, CLSET_FD_CLOSE, NULL);
	rb->fd = fd;
	return 0;
}

void
rpcbind_disconnect(struct rpcbind *rb)
{
	if (rb->client != NULL)
		clnt_destroy(rb->client);
	rb->client = NULL;
	rb->fd = -1;
	xdr_free((xdrproc_t)xdr_rpcblist_ptr, &rb->table);
	rb->table = NULL;
}

static int
call(struct rpcbind *rb, rpcproc_t procedure, xdrproc_t encode, void *arg,
    xdrproc_t decode, void *result)
{
	uint64_t now = clock_now_ms();
	struct timeval limit;
	enum clnt_stat status;
	uint64_t ms;

	/* For libtirpc no time means that no reply is waited for. */
	if (now >= rb->deadline_ms)
		return -ETIMEDOUT;
	ms = MIN_OF(rb->deadline_ms - now, CALL_MS);
	limit.tv_sec = (time_t)(ms / 1000);
	limit.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	status = clnt_call(
	    rb->client, procedure, encode, arg, decode, result, limit);
	if (status == RPC_SUCCESS)
		return 0;
	return status == RPC_TIMEDOUT ? -ETIMEDOUT : -EIO;
}

/* What does not fit is left empty: cut, it could be another's. */
static void
copy_fitting(char *out, size_t size, const char *from)
{
	if (strlen(from) >= size)
		from = "";
	strcpy(out, from);
}

static void
copy_entry(struct rpcbind_entry *out, const struct rpcb *from)
{
	copy_fitting(out->at.netid, sizeof(out->at.netid), from->r_netid);
	copy_fitting(out->at.address, sizeof(out->at.address), from->r_addr);
	log_escape(
	    out->text, sizeof(out->text), from->r_addr, strlen(from->r_addr));
	log_escape(out->owner, sizeof(out->owner), from->r_owner,
	    strlen(from->r_owner));
}

int
rpcbind_dump(struct rpcbind *rb)
{
	xdr_free((xdrproc_t)xdr_rpcblist_ptr, &rb->table);
	rb->table = NULL;
	return call(rb, RPCBPROC_DUMP, xdr_void_value, NULL,
	    (xdrproc_t)xdr_rpcblist_ptr, (void *)&rb->table);
}

bool
rpcbind_find(const struct rpcbind *rb, rpcprog_t program, rpcvers_t version,
    const char *netid, struct rpcbind_entry *out)
{
	for (const rpcblist *at = rb->table; at != NULL; at = at->rpcb_next) {
		const struct rpcb *entry = &at->rpcb_map;

		if (entry->r_prog == program && entry->r_vers == version &&
		    strcmp(entry->r_netid, netid) == 0) {
			copy_entry(out, entry);
			return true;
		}
	}
	return false;
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
		.r_owner = (char *)(uintptr_t) "",
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
    const struct universal *at)
{
	return change(
	    rb, RPCBPROC_SET, program, version, at->netid, at->address);
}

int
rpcbind_unset(
    struct rpcbind *rb, rpcprog_t program, rpcvers_t version, const char *netid)
{
	return change(rb, RPCBPROC_UNSET, program, version, netid, "");
}
