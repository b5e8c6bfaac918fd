#include "rpcloop/call/ping.h"

#include "base/clock.h"
#include "rpcloop/wire/record.h"
#include "rpcloop/wire/xdr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Larger than any reply without a result, whose verifier has 400 bytes. */
enum { REPLY_SIZE = 512 };

/* False when it is not ready by the deadline.  What is ready when this process
 * looks too late came in time. */
static bool
wait_for(int fd, short events, uint64_t deadline_ms)
{
	struct pollfd wait = { .fd = fd, .events = events };
	uint64_t now;
	int n;

	do {
		now = clock_now_ms();
		n = poll(
		    &wait, 1, now < deadline_ms ? (int)(deadline_ms - now) : 0);
	} while (n < 0 && errno == EINTR);
	return n == 1;
}

/* Returns 0 or a negative errno. */
static int
connect_to(int fd, const struct endpoint *at, uint64_t deadline_ms)
{
	socklen_t size = sizeof(int);
	int error = 0;

	if (connect(fd, &at->at.any, at->len) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	if (!wait_for(fd, POLLOUT, deadline_ms))
		return -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return -errno;
	return -error;
}

/* A call without arguments, as RFC 5531 has it; a new socket takes it all.  A
 * datagram is the message alone. */
static bool
send_call(int fd, int type, uint32_t xid, rpcprog_t program, rpcvers_t version)
{
	uint32_t record[11] = {
		htonl(RECORD_LAST_FRAGMENT | 10 * sizeof(uint32_t)), htonl(xid),
		htonl(CALL), htonl(RPC_MSG_VERSION), htonl((uint32_t)program),
		htonl((uint32_t)version),
		htonl(NULLPROC), /* then two empty opaque_auth */
	};
	size_t skipped = type == SOCK_DGRAM ? RECORD_HEADER_SIZE : 0;
	size_t len = sizeof(record) - skipped;

	return send(fd, (char *)record + skipped, len, MSG_NOSIGNAL) ==
	    (ssize_t)len;
}

static bool
is_success(uint8_t *body, size_t len, uint32_t xid)
{
	char verifier[MAX_AUTH_BYTES];
	struct rpc_msg reply = { .rm_xid = 0 };
	XDR xdrs;

	reply.acpted_rply.ar_verf.oa_base = verifier;
	reply.acpted_rply.ar_results.proc = xdr_void_value;
	xdrmem_create(&xdrs, (char *)body, (u_int)len, XDR_DECODE);
	return xdr_replymsg(&xdrs, &reply) && reply.rm_xid == xid &&
	    reply.rm_reply.rp_stat == MSG_ACCEPTED &&
	    reply.acpted_rply.ar_stat == SUCCESS;
}

/* What is not the reply to this call is not looked at twice. */
static bool
receive_datagram(int fd, uint32_t xid, uint64_t deadline_ms)
{
	uint8_t reply[REPLY_SIZE];
	ssize_t n = -1;

	if (wait_for(fd, POLLIN, deadline_ms))
		n = recv(fd, reply, sizeof(reply), 0);
	return n > 0 && is_success(reply, (size_t)n, xid);
}

static bool
receive_record(int fd, uint32_t xid, uint64_t deadline_ms)
{
	static const struct record_limits limits = {
		.bytes = REPLY_SIZE,
		.fragments = REPLY_SIZE,
		.empty_fragments = REPLY_SIZE,
	};
	struct record_reader record = { 0 };
	enum record_result result = RECORD_PARTIAL;
	uint8_t reply[REPLY_SIZE];
	size_t len = 0;
	ssize_t n;

	while (result == RECORD_PARTIAL && wait_for(fd, POLLIN, deadline_ms)) {
		n = recv(fd, reply + len, sizeof(reply) - len, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		/* The end of the stream, or of the room. */
		if (n <= 0)
			return false;
		len += (size_t)n;
		result = record_scan(&record, &limits, reply, len);
	}
	return result == RECORD_COMPLETE &&
	    is_success(reply + record.body_at, record.body_len, xid);
}

bool
ping_server(const struct endpoint *at, rpcprog_t program, rpcvers_t version,
    unsigned int ms)
{
	uint64_t now = clock_now_ms();
	uint64_t deadline_ms = now + ms;
	uint32_t xid = (uint32_t)now;
	bool answers;
	int fd, r;

	fd = socket(
	    at->at.any.sa_family, at->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	r = connect_to(fd, at, deadline_ms);
	/* A full queue is somebody's that listens, who may take from it any
	 * moment: whoever is taken for dead may lose the address. */
	if (r == -EAGAIN && at->at.any.sa_family == AF_UNIX)
		answers = true;
	else
		answers = r == 0 &&
		    send_call(fd, at->type, xid, program, version) &&
		    (at->type == SOCK_DGRAM
			    ? receive_datagram(fd, xid, deadline_ms)
			    : receive_record(fd, xid, deadline_ms));
	close(fd);
	return answers;
}
