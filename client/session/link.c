/*
 * link: sockets are made, connected and closed here; libtirpc reads and writes.
 *
 * A stream's socket does not block while it connects, and blocks from then on:
 * libtirpc takes EAGAIN for the end of a connection.
 */
#include "client/session/link.h"

#include "base/base.h"
#include "base/clock.h"
#include "client/terminal/say.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Bytes of a datagram either way: all that UDP over IPv4 can carry. */
#define DATAGRAM_BYTES 65504

/* Milliseconds after which a datagram is sent again. */
#define RESEND_MS 200

/* Milliseconds after which a server that is busy is tried again. */
#define BUSY_MS 20

/* Milliseconds by which the watch is ahead of libtirpc's own timeout. */
#define SLACK_MS 1000

/* Words of a call and of an accepted reply, without credential, verifier and
 * what the procedure adds (RFC 5531, section 9). */
#define CALL_WORDS  10
#define REPLY_WORDS 6

/* What AUTH_SYS has room for (RFC 5531, appendix A). */
#define MACHINE_NAME_MAX 255
#define GROUPS_MAX       16

static struct timeval
timeval_of(uint64_t milliseconds)
{
	uint64_t capped = MIN_OF(milliseconds, (uint64_t)INT_MAX);

	return (struct timeval){
		.tv_sec = (time_t)(capped / 1000),
		.tv_usec = (suseconds_t)(capped % 1000 * 1000),
	};
}

static uint64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/*
 * A port that nobody listens on, and that the kernel happens to choose for our
 * end, makes TCP connect the socket to itself.
 */
static bool
is_self(int fd)
{
	struct endpoint here = { .len = sizeof(here.at) };
	struct endpoint there = { .len = sizeof(there.at) };

	if (getsockname(fd, &here.at.any, &here.len) != 0 ||
	    getpeername(fd, &there.at.any, &there.len) != 0)
		return false;
	return here.at.any.sa_family != AF_UNIX &&
	    endpoint_equal(&here, &there);
}

/* Waits for a connection that is under way; as link_open. */
static int
finish_connect(int fd, struct watch *watch, uint64_t milliseconds)
{
	socklen_t len = sizeof(int);
	int error;
	int r = watch_wait(watch, fd, POLLOUT, milliseconds);

	if (r != 0)
		return r;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return -errno;
	return -error;
}

/*
 * Connects a socket; as link_open.  At a Unix socket the kernel does not wait
 * while the queue of its server is full, but says EAGAIN.
 */
static int
connect_to(int fd, struct watch *watch, const struct endpoint *to,
    uint64_t milliseconds)
{
	uint64_t began = clock_now_ms();
	int r;

	while (connect(fd, &to->at.any, to->len) != 0) {
		if (errno == EINPROGRESS)
			return finish_connect(fd, watch, milliseconds);
		if (errno != EAGAIN || to->at.any.sa_family != AF_UNIX)
			return -errno;
		r = watch_wait(watch, -1, 0, BUSY_MS);
		if (r != -ETIMEDOUT || watch_left(watch) == 0 ||
		    clock_now_ms() - began >= milliseconds)
			return r;
	}
	return 0;
}

/* libtirpc writes a whole record to the socket, and so it has to block. */
static int
make_ready(int fd)
{
	static const int on = 1;
	int flags = fcntl(fd, F_GETFL);

	if (is_self(fd))
		return -ECONNREFUSED;
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0)
		return -errno;
	/* A long call is several writes; this fails where there is no TCP. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return 0;
}

/* Returns a connected socket or a negative errno. */
static int
open_socket(
    struct watch *watch, const struct endpoint *to, uint64_t milliseconds)
{
	int fd = socket(
	    to->at.any.sa_family, to->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return -errno;
	r = connect_to(fd, watch, to, milliseconds);
	if (r == 0)
		r = make_ready(fd);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static CLIENT *
make_handle(int fd, struct endpoint *to, rpcprog_t program, rpcvers_t vers)
{
	struct timeval resend = timeval_of(RESEND_MS);
	struct netbuf peer = {
		.maxlen = to->len,
		.len = to->len,
		.buf = &to->at,
	};
	CLIENT *handle;

	if (to->type == SOCK_STREAM)
		return clnt_vc_create(fd, &peer, program, vers, 0, 0);
	handle = clnt_dg_create(
	    fd, &peer, program, vers, DATAGRAM_BYTES, DATAGRAM_BYTES);
	if (handle != NULL)
		clnt_control(handle, CLSET_RETRY_TIMEOUT, (char *)&resend);
	return handle;
}

int
link_open(struct link *link, struct watch *watch, const struct endpoint *to,
    rpcprog_t program, rpcvers_t vers, uint64_t milliseconds)
{
	int fd = open_socket(watch, to, milliseconds);

	if (fd < 0)
		return fd;
	link->peer = *to;
	link->handle = make_handle(fd, &link->peer, program, vers);
	if (link->handle == NULL) {
		close(fd);
		return -ENOMEM;
	}
	link->fd = fd;
	return 0;
}

void
link_close(struct link *link)
{
	if (link->handle == NULL)
		return;
	auth_destroy(link->handle->cl_auth);
	clnt_destroy(link->handle);
	close(link->fd);
	link->handle = NULL;
}

/* The first groups of the process, as many as AUTH_SYS carries. */
static int
first_groups(gid_t groups[GROUPS_MAX], int *count)
{
	int all = getgroups(0, NULL);
	gid_t *list;

	*count = 0;
	if (all <= 0)
		return 0;
	list = calloc((size_t)all, sizeof(*list));
	if (list == NULL)
		return -ENOMEM;
	all = getgroups(all, list);
	if (all > 0) {
		*count = MIN_OF(all, GROUPS_MAX);
		memcpy(groups, list, (size_t)*count * sizeof(*list));
	}
	free(list);
	return 0;
}

int
link_identify(struct link *link)
{
	char machine[MACHINE_NAME_MAX + 1] = "";
	gid_t groups[GROUPS_MAX];
	int count;
	AUTH *auth;

	/* A name that does not fit is cut, which Linux leaves unended. */
	if (gethostname(machine, MACHINE_NAME_MAX) != 0)
		machine[0] = '\0';
	if (first_groups(groups, &count) != 0)
		return -ENOMEM;
	auth = authunix_create(machine, geteuid(), getegid(), count, groups);
	if (auth == NULL)
		return -ENOMEM;
	auth_destroy(link->handle->cl_auth);
	link->handle->cl_auth = auth;
	return 0;
}

/*
 * A stub's own timeout of 25 s counts only where none was set.  At the deadline
 * the watch is to end the call, so libtirpc gets a little longer.
 */
static void
limit_time(struct link *link, struct watch *watch, uint64_t milliseconds)
{
	uint64_t left = watch_left(watch);
	struct timeval limit;

	if (left < WATCH_FOREVER - SLACK_MS)
		left += SLACK_MS;
	limit = timeval_of(MIN_OF(left, milliseconds));
	clnt_control(link->handle, CLSET_TIMEOUT, (char *)&limit);
}

/*
 * From now on the socket takes replies to the next call alone, and those that
 * came before are dropped.  For any other datagram libtirpc would send the call
 * again: a reply that came twice would double every call after it.
 */
static void
expect_reply(const struct link *link)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof(struct udphdr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = { ARRAY_LEN(code), code };
	uint32_t xid;
	char byte;

	clnt_control(link->handle, CLGET_XID, (char *)&xid);
	code[1].k = xid + 1;
	/* Without the filter it is slow, and as right. */
	setsockopt(
	    link->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
	while (recv(link->fd, &byte, sizeof(byte), MSG_DONTWAIT) >= 0)
		continue;
}

/* Sizes and xid, for --trace: the handle keeps no count of its own. */
static void
account(struct link *link, const struct procedure *procedure, void *args,
    void *result, struct link_call *how)
{
	const AUTH *auth = link->handle->cl_auth;

	clnt_control(link->handle, CLGET_XID, (char *)&how->xid);
	how->call_bytes = CALL_WORDS * BYTES_PER_XDR_UNIT +
	    auth->ah_cred.oa_length + auth->ah_verf.oa_length +
	    procedure_args_size(procedure, args);
	if (how->status == RPC_SUCCESS)
		how->reply_bytes = REPLY_WORDS * BYTES_PER_XDR_UNIT +
		    procedure_result_size(procedure, result);
}

void
link_call(struct link *link, struct watch *watch, uint64_t milliseconds,
    const struct procedure *procedure, void *args, void *result,
    struct link_call *how)
{
	uint64_t start = now_us();

	memset(how, 0, sizeof(*how));
	if (procedure->result_size > 0)
		memset(result, 0, procedure->result_size);
	limit_time(link, watch, milliseconds);
	if (link->peer.type == SOCK_DGRAM)
		expect_reply(link);
	watch_guard(watch, link->fd);
	how->status = procedure->stub(args, result, link->handle);
	watch_release(watch);
	how->microseconds = now_us() - start;
	account(link, procedure, args, result, how);
	if (how->status == RPC_SUCCESS)
		return;
	clnt_geterr(link->handle, &how->error);
	if (watch_happened(watch) != WATCH_NOTHING)
		how->status = RPC_TIMEDOUT;
	/* What was decoded before the failure would be lost. */
	procedure_free(procedure, result);
	if (procedure->result_size > 0)
		memset(result, 0, procedure->result_size);
}

const char *
link_call_words(const struct link_call *how)
{
	static const char prefix[] = "RPC: ";
	const char *text;

	switch (how->status) {
	case RPC_CANTSEND:
	case RPC_CANTRECV:
		return strerror(how->error.re_errno);
	case RPC_TIMEDOUT:
		return "no answer";
	default:
		text = clnt_sperrno(how->status);
		if (strncmp(text, prefix, strlen(prefix)) == 0)
			text += strlen(prefix);
		return text;
	}
}

void
link_trace(const struct link *link, const struct procedure *procedure,
    const struct link_call *how)
{
	char peer[ENDPOINT_TEXT_SIZE], reply[32] = "no result";

	if (how->status == RPC_SUCCESS)
		snprintf(
		    reply, sizeof(reply), "reply %zu bytes", how->reply_bytes);
	say_trace("%s %s xid=0x%08" PRIx32 " call %zu bytes, %s, %" PRIu64
		  ".%03u ms",
	    procedure->name, endpoint_text(&link->peer, peer), how->xid,
	    how->call_bytes, reply, how->microseconds / 1000,
	    (unsigned int)(how->microseconds % 1000));
}
